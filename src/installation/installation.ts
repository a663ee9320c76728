/**
 * The installation as a region with peers sees it: who there is, who is alive, which region is home, and how to call
 * the others. Engines know it as `Installation`; `server.ts` opens one for a process and plugs its calls into the wire.
 *
 * Each second every peer is asked for a sign of life (`ping`), which carries what the two say of themselves. It is
 * asked at once when a connection to it ends or when it calls though it was thought dead: so the end of a process, and
 * its return, are known within milliseconds, and a silent host within three seconds.
 */
import type { Clock, Timer } from '../base/clock.ts';
import { AwsError, errorMessage } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import {
  type Installation,
  type Peer,
  type PeerStatus,
  PeerUnavailableError,
} from '../engine/region/ports.ts';
import { Reports } from '../engine/region/reports.ts';
import type { PeerSetting } from '../peer-setting.ts';
import type { WireRequest, WireResponse } from '../wire/dispatch.ts';
import { WITNESS, type WitnessCallName } from '../witness/witness-calls.ts';
import { type HomeRecord, isHomeRecord, laterHome } from './home.ts';
import { Liveness, type PingOutcome } from './liveness.ts';
import { PeerCalls, PeerRefusedError } from './peer-calls.ts';
import { PeerHttp } from './peer-http.ts';
import { PeerSigner } from './signature.ts';

const PING_INTERVAL_MS = 1000;
const WITNESS_TIMEOUT_MS = 1000;
/** Less than the interval, so that each second tells something. */
const PING_TIMEOUT_MS = 800;

export interface PeerInstallationOptions {
  readonly own: Peer;
  readonly peers: readonly PeerSetting[];
  /** What the settings say. */
  readonly home: string;
  readonly secret: string;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Known {
  peer: Peer;
  readonly liveness: Liveness;
  report: Readonly<Record<string, unknown>>;
  isPinging: boolean;
}

/** What regions tell each other of a promotion. */
interface ForcedHome extends HomeRecord {
  readonly isForced?: boolean;
}

type StatusSubscriber = (region: string, status: PeerStatus) => void;

export class PeerInstallation implements Installation {
  readonly own: Peer;
  readonly signer: PeerSigner;
  readonly http: PeerHttp;
  readonly #options: PeerInstallationOptions;
  readonly #calls: PeerCalls;
  readonly #known = new Map<string, Known>();
  readonly #reports = new Reports();
  readonly #statusSubscribers = new Set<StatusSubscriber>();
  #home: HomeRecord;
  #keepHome: (home: HomeRecord) => void = () => undefined;
  #onForced: () => void = () => undefined;
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(options: PeerInstallationOptions) {
    const { own, peers, home, secret, clock, log } = options;
    this.#options = options;
    this.own = own;
    this.#home = { region: home, number: 0 };
    for (const { region, endpoint, address } of peers) {
      const peer = { region, endpoint, address: address ?? '' };
      this.#known.set(region, { peer, liveness: new Liveness(), report: {}, isPinging: false });
    }
    this.signer = new PeerSigner({ secret, clock });
    this.http = new PeerHttp((region) => {
      if (this.status(region) === 'up') this.#look(region);
    });
    const isPeer = (region: string): boolean => this.#known.has(region);
    this.#calls = new PeerCalls({
      own: own.region,
      isPeer,
      signer: this.signer,
      http: this.http,
      clock,
      log,
    });
    this.handle('ping', (body, from) => this.#answerPing(body, from));
    this.handle('home', (body) => {
      this.#learnHome(body);
      this.#takeOver(body as ForcedHome);
    });
  }

  start(): void {
    for (const region of this.#known.keys()) this.#look(region);
    const { clock } = this.#options;
    this.#timer = clock.callAt(clock.now() + PING_INTERVAL_MS, () => this.start());
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.http.close();
  }

  get home(): string {
    return this.#home.region;
  }

  get peers(): readonly Peer[] {
    return [...this.#known.values()].map(({ peer }) => peer);
  }

  find(region: string): Peer | undefined {
    return this.#known.get(region)?.peer;
  }

  status(region: string): PeerStatus {
    if (region === this.own.region) return 'up';
    return this.#known.get(region)?.liveness.status ?? 'unknown';
  }

  onStatus(subscriber: StatusSubscriber): () => void {
    this.#statusSubscribers.add(subscriber);
    return () => this.#statusSubscribers.delete(subscriber);
  }

  async call(
    region: string,
    name: string,
    body: unknown,
    { timeoutMs }: { readonly timeoutMs?: number } = {},
  ): Promise<unknown> {
    const peer = this.find(region);
    if (peer === undefined) throw new PeerUnavailableError(`${region} is no peer of ${this.own.region}`);
    try {
      return await this.#calls.call(peer, name, body, timeoutMs);
    } catch (error) {
      if (error instanceof PeerRefusedError) this.#take(region, 'refused', error);
      throw error;
    }
  }

  /** Asks the witness, which knows the secret as the peers do and is none of them. */
  callWitness(endpoint: string, name: WitnessCallName, body: unknown): Promise<unknown> {
    return this.#calls.call({ region: WITNESS, endpoint, address: '' }, name, body, WITNESS_TIMEOUT_MS);
  }

  handle(name: string, handler: (body: unknown, from: string) => unknown): void {
    this.#calls.handle(name, handler);
  }

  report(member: string, read: () => unknown): void {
    this.#reports.add(member, read);
  }

  reportOf(region: string): Readonly<Record<string, unknown>> {
    return region === this.own.region ? this.#reports.read() : (this.#known.get(region)?.report ?? {});
  }

  /** Answers a request below `/_millrace/peer/`. */
  answer(request: WireRequest): Promise<WireResponse> {
    return this.#calls.answer(request);
  }

  /** Takes the home that was kept, and from now on keeps each change by `keep`. */
  restoreHome(kept: HomeRecord | undefined, keep: (home: HomeRecord) => void): void {
    this.#keepHome = keep;
    if (kept !== undefined) this.#learnHome(kept);
    if (this.#home.number > (kept?.number ?? 0)) this.#keep(this.#home);
  }

  /**
   * Makes `region` the home. The one that was has to agree, so that no two take writes: where it cannot be reached it
   * takes an operator who knows that it is gone, and says so with `isForced`. Throws AWS's `ServiceUnavailable` else.
   */
  async promote(region: string, { isForced }: { readonly isForced: boolean }): Promise<void> {
    if (region !== this.own.region && !this.#known.has(region)) {
      throw new AwsError('ValidationException', `${region} is no region of this installation.`);
    }
    const before = this.home;
    if (region === before) return;
    const home: HomeRecord = { region, number: this.#home.number + 1 };
    if (before !== this.own.region && !isForced) await this.#tellHome(before, home);
    this.#learnHome(home);
    this.#options.log.warn({ home: region, before, number: home.number }, 'another region is home now');
    const told: ForcedHome = { ...home, isForced };
    this.#takeOver(told);
    const others = [...this.#known.keys()].filter((other) => isForced || other !== before);
    // Whoever does not hear of it now is told with the next sign of life.
    await Promise.allSettled(others.map((other) => this.call(other, 'home', told)));
  }

  async #tellHome(before: string, home: HomeRecord): Promise<void> {
    try {
      await this.call(before, 'home', home);
    } catch (error) {
      const message = `${before} is home and does not answer; if it is gone for good, say so with --force.`;
      throw new AwsError('ServiceUnavailable', message, { httpStatus: 503, fault: 'server', cause: error });
    }
  }

  /** Calls back when an operator has made this region home and says that the one before is gone for good. */
  onForced(subscriber: () => void): void {
    this.#onForced = subscriber;
  }

  #takeOver({ region, isForced = false }: ForcedHome): void {
    if (isForced && region === this.own.region) this.#onForced();
  }

  /** Asks for a sign of life, unless one is being waited for. */
  #look(region: string, isSecond = false): void {
    const known = this.#known.get(region);
    if (known === undefined || known.isPinging || this.#isClosed) return;
    known.isPinging = true;
    this.call(region, 'ping', this.#sign(), { timeoutMs: PING_TIMEOUT_MS }).then(
      (said) => {
        known.isPinging = false;
        this.#note(known, said);
        this.#take(region, 'answered');
      },
      (error: unknown) => {
        known.isPinging = false;
        this.#take(region, error instanceof PeerRefusedError ? 'refused' : 'silent', error);
        // It was cut off: another connection tells whether the process is gone.
        if (known.liveness.status === 'up' && !isSecond && isCutOff(error)) this.#look(region, true);
      },
    );
  }

  #sign(): { readonly report: unknown; readonly home: HomeRecord } {
    return { report: this.#reports.read(), home: this.#home };
  }

  #answerPing(said: unknown, from: string): unknown {
    const known = this.#known.get(from);
    if (known !== undefined) this.#note(known, said);
    // It hears us, which does not say that we hear it.
    if (known?.liveness.status !== 'up') this.#look(from);
    return this.#sign();
  }

  #note(known: Known, said: unknown): void {
    const { report, home } = (said ?? {}) as { report?: Readonly<Record<string, unknown>>; home?: unknown };
    known.report = report ?? {};
    const { address } = known.report;
    if (known.peer.address === '' && typeof address === 'string') known.peer = { ...known.peer, address };
    if (isHomeRecord(home)) this.#learnHome(home);
  }

  #learnHome(said: unknown): HomeRecord {
    if (isHomeRecord(said)) {
      const later = laterHome(this.#home, said);
      // The settings of regions that were started one by one may differ: then each goes by its own until a move.
      if (later.number > 0 && later !== this.#home) {
        this.#home = later;
        this.#keep(later);
      }
    }
    return this.#home;
  }

  /** What cannot be kept now, since the disk is full or the region stops, is heard of again after the next start. */
  #keep(home: HomeRecord): void {
    try {
      this.#keepHome(home);
    } catch (error) {
      this.#options.log.error({ home, error: errorMessage(error) }, 'the move of the home could not be kept');
    }
  }

  #take(region: string, outcome: PingOutcome, error?: unknown): void {
    const known = this.#known.get(region);
    const before = known?.liveness.status;
    if (known === undefined || this.#isClosed || !known.liveness.take(outcome)) return;
    const { status } = known.liveness;
    const { log } = this.#options;
    if (before === 'unknown' && status === 'down') log.info({ peer: region }, 'a peer has not started yet');
    else if (status === 'down') log.warn({ peer: region, error: errorMessage(error) }, 'a peer is down');
    else log.info({ peer: region }, 'a peer is up');
    for (const subscriber of this.#statusSubscribers) {
      try {
        subscriber(region, status);
      } catch (thrown) {
        // A bug of one must not keep the others from hearing of it.
        log.error({ peer: region, error: errorMessage(thrown) }, 'a change of a peer was not taken');
      }
    }
  }
}

function isCutOff(error: unknown): boolean {
  const { cause } = error as { cause?: { code?: string } };
  return cause?.code === 'ECONNRESET' || cause?.code === 'EPIPE';
}
