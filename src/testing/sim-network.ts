/**
 * The network between simulated regions: calls take time, get lost on the way there or on the way back, arrive twice
 * and overtake each other, all decided by a seed; and it can be cut between any two of them.
 */
import { AwsError } from '../base/errors.ts';
import { type Random, randomBelow, randomFloat, seededRandom } from '../base/random.ts';
import {
  type Installation,
  type Peer,
  type PeerStatus,
  PeerUnavailableError,
} from '../engine/region/ports.ts';
import { Reports } from '../engine/region/reports.ts';
import type { SimClock } from './sim-clock.ts';

export interface NetworkFaults {
  /** Part of the calls that never arrive, 0 to 1. Default: 0. */
  readonly lost?: number;
  /** Part of the answers that never come back. Default: 0. */
  readonly unanswered?: number;
  /** Part of the calls that arrive a second time, a while later. Default: 0. */
  readonly doubled?: number;
  /** How long a call takes each way at the most, milliseconds. Default: 1. */
  readonly delayMsMax?: number;
}

const TIMEOUT_MS = 3000;
/** What arrives twice may come so much later. */
const DOUBLED_AFTER_MS_MAX = 10_000;

type PeerHandler = (body: unknown, from: string) => unknown;

interface Member {
  readonly handlers: Map<string, PeerHandler>;
  readonly reports: Reports;
  readonly subscribers: Set<(region: string, status: PeerStatus) => void>;
}

export interface SimNetworkOptions {
  readonly regions: readonly string[];
  readonly clock: SimClock;
  readonly seed?: number;
  readonly faults?: NetworkFaults;
}

export class SimNetwork {
  readonly #peers: readonly Peer[];
  readonly #clock: SimClock;
  readonly #random: Random;
  /** Those that run, by region. */
  readonly #members = new Map<string, Member>();
  readonly #cuts = new Set<string>();
  faults: NetworkFaults;
  /** The region where global services are written. */
  home: string;
  /** Calls that arrived. */
  readonly arrivals: { readonly name: string; readonly from: string; readonly length: number }[] = [];

  constructor({ regions, clock, seed = 1, faults = {} }: SimNetworkOptions) {
    this.#peers = regions.map((region, index) => {
      return { region, endpoint: `http://127.0.0.1:${4566 + index}`, address: `127.0.0.${index + 1}` };
    });
    this.#clock = clock;
    this.#random = seededRandom(seed);
    this.faults = faults;
    this.home = regions[0] ?? '';
  }

  /** Nothing gets from one to the other any more, in either direction. */
  cut(a: string, b: string): void {
    this.#cuts.add(pair(a, b));
    this.#tell(a, b, 'down');
    this.#tell(b, a, 'down');
  }

  heal(a: string, b: string): void {
    this.#cuts.delete(pair(a, b));
    if (this.#members.has(b)) this.#tell(a, b, 'up');
    if (this.#members.has(a)) this.#tell(b, a, 'up');
  }

  /** The process of a region has died: what it was asked gets no answer, and what it asked is answered to nobody. */
  leave(region: string): void {
    this.#members.delete(region);
    for (const { region: peer } of this.#peers) this.#tell(peer, region, 'down');
  }

  /** A new process of a region: what it sees of the others. */
  join(region: string): Installation {
    const member: Member = { handlers: new Map(), reports: new Reports(), subscribers: new Set() };
    this.#members.set(region, member);
    const own = this.#find(region);
    if (own === undefined) throw new Error(`no region is called ${region}`);
    // Those that are there hear of it once it has begun to listen.
    this.#clock.callAt(this.#clock.now() + 1, () => {
      if (this.#members.get(region) !== member) return;
      for (const { region: peer } of this.#peers)
        if (!this.#isCut(peer, region)) this.#tell(peer, region, 'up');
    });
    const getHome = (): string => this.home;
    return {
      own,
      get home() {
        return getHome();
      },
      peers: this.#peers.filter((peer) => peer !== own),
      find: (name) => (name === region ? undefined : this.#find(name)),
      status: (name) => (this.#members.has(name) && !this.#isCut(region, name) ? 'up' : 'down'),
      onStatus: (subscriber) => {
        member.subscribers.add(subscriber);
        return () => member.subscribers.delete(subscriber);
      },
      call: (to, name, body, { timeoutMs = TIMEOUT_MS } = {}) =>
        this.#call({ member, from: region, to, name, text: JSON.stringify(body), timeoutMs }),
      handle: (name, handler) => void member.handlers.set(name, handler),
      report: (name, read) => member.reports.add(name, read),
      reportOf: (name) => this.#members.get(name)?.reports.read() ?? {},
    };
  }

  #call(call: {
    readonly member: Member;
    readonly from: string;
    readonly to: string;
    readonly name: string;
    readonly text: string;
    readonly timeoutMs: number;
  }): Promise<unknown> {
    const { member, from, to, name, text, timeoutMs } = call;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const isAlive = (): boolean => this.#members.get(from) === member;
    const ifAlive = (settle: () => void): void => {
      if (isAlive()) settle();
    };
    this.#clock.callAt(this.#clock.now() + timeoutMs, () =>
      ifAlive(() => reject(new PeerUnavailableError(`${to} does not answer`))),
    );
    const arrive = (answerTo: (answered: () => void) => void): void => {
      const receiver = this.#members.get(to);
      if (receiver === undefined || this.#isCut(from, to)) return;
      this.arrivals.push({ name, from, length: text.length });
      const settle = (settled: () => void): void => {
        // A process that has died meanwhile answers nothing.
        if (this.#members.get(to) === receiver) answerTo(settled);
      };
      void Promise.resolve()
        .then(() => receiver.handlers.get(name)?.(JSON.parse(text), from))
        .then(
          (answer) => settle(() => resolve(answer === undefined ? null : JSON.parse(JSON.stringify(answer)))),
          (error: unknown) =>
            settle(() => reject(error instanceof AwsError ? error : new PeerUnavailableError(String(error)))),
        );
    };
    const { lost = 0, unanswered = 0, doubled = 0 } = this.faults;
    const isAnswered = !this.#draw(unanswered);
    const backMs = this.#delayMs();
    const isLost = this.#draw(lost);
    const first = (): void =>
      arrive((settled) => {
        if (!isAnswered) return;
        this.#clock.callAt(this.#clock.now() + backMs, () => {
          if (!this.#isCut(from, to)) ifAlive(settled);
        });
      });
    if (!isLost) this.#clock.callAt(this.#clock.now() + this.#delayMs(), first);
    if (this.#draw(doubled)) {
      const laterMs = 1 + randomBelow(this.#random, DOUBLED_AFTER_MS_MAX);
      this.#clock.callAt(this.#clock.now() + laterMs, () => arrive(() => undefined));
    }
    return promise;
  }

  #draw(part: number): boolean {
    return part > 0 && randomFloat(this.#random) < part;
  }

  #delayMs(): number {
    return 1 + randomBelow(this.#random, this.faults.delayMsMax ?? 1);
  }

  #find(region: string): Peer | undefined {
    return this.#peers.find((peer) => peer.region === region);
  }

  #isCut(a: string, b: string): boolean {
    return this.#cuts.has(pair(a, b));
  }

  #tell(whom: string, region: string, status: PeerStatus): void {
    if (whom === region) return;
    for (const subscriber of this.#members.get(whom)?.subscribers ?? []) subscriber(region, status);
  }
}

function pair(a: string, b: string): string {
  return [a, b].toSorted().join(' ');
}
