/**
 * The streams to all peers and from them: what engines send and take parcels by. Engines register what handles a kind
 * of parcel before `start`, and add parcels in their own turns.
 */
import type { Loop, Turn } from '../loop.ts';
import { Inbox } from './inbox.ts';
import type { NewParcel, ParcelHandler } from './parcel.ts';
import { type Acknowledgement, INBOX, type Lag, PeerStream, type SnapshotSource } from './peer-stream.ts';
import type { Installation } from './ports.ts';

export interface PeerStreamsOptions {
  readonly loop: Loop;
  readonly installation: Installation;
}

/** What a turn has sent: the last number for each peer. */
export type Sent = ReadonlyMap<string, number>;

export class PeerStreams {
  readonly #options: PeerStreamsOptions;
  readonly #handlers = new Map<string, ParcelHandler>();
  readonly #streams = new Map<string, PeerStream>();
  readonly #inbox: Inbox;
  #unsubscribe: () => void = () => undefined;

  /** `snapshot` is what a peer is told that does not know this region's records yet. */
  constructor(options: PeerStreamsOptions, snapshot: SnapshotSource) {
    const { loop, installation } = options;
    this.#options = options;
    const handlers = this.#handlers;
    for (const { region: peer } of installation.peers) {
      this.#streams.set(peer, new PeerStream({ loop, installation, peer, handlers, snapshot }));
    }
    this.#inbox = new Inbox({ loop, handlers });
  }

  /** Before `start`. */
  register(kind: string, handler: ParcelHandler): void {
    this.#handlers.set(kind, handler);
  }

  /** Takes up what waits for the peers, and answers them from now on. All engines have been started before. */
  start(): void {
    const { installation } = this.#options;
    this.#inbox.start();
    installation.handle(INBOX, (body, from) => this.#inbox.take(body, from));
    for (const stream of this.#streams.values()) stream.start();
    this.#unsubscribe = installation.onStatus((region, status) => {
      if (status === 'up') this.#streams.get(region)?.peerIsUp();
    });
    if (this.#streams.size > 0) installation.report('lag', () => Object.fromEntries(this.lags()));
  }

  close(): void {
    this.#unsubscribe();
    for (const stream of this.#streams.values()) stream.close();
  }

  /** Adds a count to what this region says of itself, and tells peers that ask what is counted. */
  publish(name: string, what: { count(): number; list(): unknown }): void {
    this.#options.installation.report(name, () => what.count());
    this.#options.installation.handle(name, () => what.list());
  }

  get peers(): readonly string[] {
    return [...this.#streams.keys()];
  }

  isPeer(region: string): boolean {
    return this.#streams.has(region);
  }

  /** Adds a parcel in the turn. False when too many wait for that peer, and nothing was added. */
  offer(turn: Turn, peer: string, parcel: NewParcel): boolean {
    const stream = this.#streams.get(peer);
    if (stream === undefined || stream.isFull) return false;
    stream.add(turn, parcel);
    return true;
  }

  /** Adds a parcel for every peer in the turn, however many wait. */
  sendToAll(turn: Turn, parcel: NewParcel): void {
    for (const stream of this.#streams.values()) stream.add(turn, parcel);
  }

  /** What `turn` has sent so far, while it runs; undefined when that is nothing. */
  sentBy(turn: Turn): Sent | undefined {
    let sent: Map<string, number> | undefined;
    for (const [peer, stream] of this.#streams) {
      const number = stream.addedBy(turn);
      if (number !== undefined) (sent ??= new Map()).set(peer, number);
    }
    return sent;
  }

  /** Waits until the peers have all of it on their disks. */
  whenAcknowledged(sent: Sent): Acknowledgement {
    const waits: Acknowledgement[] = [];
    for (const [peer, number] of sent) {
      const stream = this.#streams.get(peer);
      if (stream !== undefined) waits.push(stream.whenAcknowledged(number));
    }
    return {
      done: Promise.all(waits.map(({ done }) => done)).then(() => undefined),
      cancel: () => {
        for (const wait of waits) wait.cancel();
      },
    };
  }

  /** Requests that wait for peers. */
  get waiterCount(): number {
    let count = 0;
    for (const stream of this.#streams.values()) count += stream.waiterCount;
    return count;
  }

  /** Whether the peer has on its disk all that this region has sent. */
  isCaughtUp(peer: string): boolean {
    return this.#streams.get(peer)?.lag.waiting === 0;
  }

  /** How far each peer is behind. */
  lags(): ReadonlyMap<string, Lag> {
    return new Map([...this.#streams].map(([peer, stream]) => [peer, stream.lag]));
  }
}
