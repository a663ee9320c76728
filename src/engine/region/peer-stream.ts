/**
 * Sends what waits in the outbox of one peer: a batch at a time, the next once the peer has the last one on its disk.
 * Nothing waits for a batch to fill: what comes while one is under way goes with the next, as in a group commit.
 *
 *     greeting -> sending <-> idle
 *         \________/ \-> (no answer) waiting for the retry, or for the peer to be up -> sending
 *
 * A batch that got no answer is sent again; the receiver skips what it has. A peer that does not know this stream, or
 * has lost some of what it had answered for, gets a snapshot of the records that this region writes, by the same
 * stream: each is written into the outbox as it is at that moment, so that it and its changes come in their order.
 */
import type { Timer } from '../../base/clock.ts';
import { AwsError, errorMessage } from '../../base/errors.ts';
import { Fifo } from '../../base/fifo.ts';
import { randomFloat } from '../../base/random.ts';
import type { Key } from '../../storage/store.ts';
import type { Loop, Turn } from '../loop.ts';
import { Outbox, WAITING_PARCELS_MAX } from './outbox.ts';
import {
  type Batch,
  type BatchAnswer,
  type NewParcel,
  type Parcel,
  type ParcelHandler,
  parseBatchAnswer,
  type Returned,
} from './parcel.ts';
import type { Installation } from './ports.ts';
import { Rate } from './rate.ts';

/** What answers batches at the peer. */
export const INBOX = 'inbox';

/** A batch of a megabyte takes a peer 20 ms; what takes longer than this is taken for lost, and sent again. */
const ANSWER_MS_MAX = 3000;
const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 5000;
/** How often parcels are looked over for those that have waited too long: the shortest that users can ask for. */
const EXPIRY_INTERVAL_MS = 60_000;
/** Parcels looked over in a turn. */
const EXPIRY_SLICE_COUNT = 200;

/** The records that a peer needs to have before it can follow their changes. */
export interface SnapshotSource {
  /** Some of them, from a key on (at first the empty one); without `next` they are the last. */
  slice(from: Key): { readonly parcels: readonly NewParcel[]; readonly next?: Key };
}

export interface PeerStreamOptions {
  readonly loop: Loop;
  readonly installation: Installation;
  readonly peer: string;
  readonly handlers: ReadonlyMap<string, ParcelHandler>;
  readonly snapshot: SnapshotSource;
}

/** How far a peer is behind. */
export interface Lag {
  /** Parcels that the peer has not answered for. */
  readonly waiting: number;
  /** Of the oldest of them, 0 when none waits. */
  readonly ageMs: number;
  /** When the peer last answered; undefined when it has not since this process started. */
  readonly acknowledgedAtMs?: number;
  /** Parcels that the peer answered for, over the last seconds. */
  readonly perSecond: number;
}

/** Somebody who waits for the peer to have something. */
export interface Acknowledgement {
  /** Resolves once the peer has it on its disk; rejects when this region closes before. */
  readonly done: Promise<void>;
  /** Nobody waits any more. */
  cancel(): void;
}

interface Waiter {
  readonly number: number;
  isCancelled: boolean;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class PeerStream {
  readonly #options: PeerStreamOptions;
  readonly #outbox: Outbox;
  readonly #waiters = new Fifo<Waiter>();
  readonly #rate: Rate;
  readonly #wake = (): void => this.#run();
  /** What an attempt that another has taken the place of comes to is not looked at: the receiver skips what it has. */
  #attempt = 0;
  #isGreeted = false;
  /** What a peer can have had at most, when it is first greeted. */
  #lastAtStart = 0;
  #isClosed = false;
  /** The last number of the batch that is under way. */
  #inFlightUpTo: number | undefined;
  #failures = 0;
  #retry: Timer | undefined;
  #snapshot: Timer | undefined;
  #expiry: Timer | undefined;
  /** No parcel that waits has its deadline before. */
  #earliestDeadlineMs = 0;
  #acknowledgedAtMs: number | undefined;

  constructor(options: PeerStreamOptions) {
    this.#options = options;
    this.#outbox = new Outbox(options.loop, options.peer);
    this.#rate = new Rate(options.loop.clock);
  }

  start(): void {
    const { loop } = this.#options;
    if (!this.#outbox.start()) loop.turn((turn) => this.#outbox.begin(turn, turn.now));
    this.#lastAtStart = this.#outbox.last;
    this.#continueSnapshot();
    this.#scheduleExpiry();
    this.#run();
  }

  close(): void {
    this.#isClosed = true;
    for (const timer of [this.#retry, this.#snapshot, this.#expiry]) timer?.cancel();
    for (let waiter = this.#waiters.take(); waiter !== undefined; waiter = this.#waiters.take()) {
      waiter.reject(
        new AwsError('ServiceUnavailable', 'The region is closing.', { httpStatus: 503, fault: 'server' }),
      );
    }
  }

  get isFull(): boolean {
    return this.#outbox.waitingCount >= WAITING_PARCELS_MAX;
  }

  /** The peer will get it after all that it was given before. Answers the parcel's number. */
  add(turn: Turn, parcel: NewParcel): number {
    const { deadlineMs = Infinity } = parcel;
    this.#earliestDeadlineMs = Math.min(this.#earliestDeadlineMs, deadlineMs);
    return this.#outbox.add(turn, parcel, this.#wake);
  }

  /** The last number that `turn` has given out; undefined when it has none for this peer. */
  addedBy(turn: Turn): number | undefined {
    return this.#outbox.addedBy(turn);
  }

  /** Waits until the peer has all up to `number`. Numbers of later calls are not lower. */
  whenAcknowledged(number: number): Acknowledgement {
    if (number <= this.#outbox.acknowledged) return { done: Promise.resolve(), cancel: () => undefined };
    const { promise: done, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { number, resolve, reject, isCancelled: false };
    this.#waiters.push(waiter);
    const cancel = (): void => {
      waiter.isCancelled = true;
      // Whoever came first gives up first: with a peer that is away for long, none of them stays.
      while (this.#waiters.first?.isCancelled) this.#waiters.take();
    };
    return { done, cancel };
  }

  get waiterCount(): number {
    return this.#waiters.size;
  }

  /** Tries at once, whatever the last attempt came to or will come to; the peer may have lost its store meanwhile. */
  peerIsUp(): void {
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#attempt += 1;
    this.#inFlightUpTo = undefined;
    this.#isGreeted = false;
    this.#run();
  }

  get lag(): Lag {
    const { waitingCount: waiting, oldestAtMs } = this.#outbox;
    const ageMs = oldestAtMs === undefined ? 0 : Math.max(0, this.#options.loop.clock.now() - oldestAtMs);
    const lag = { waiting, ageMs, perSecond: this.#rate.perSecond };
    return this.#acknowledgedAtMs === undefined ? lag : { ...lag, acknowledgedAtMs: this.#acknowledgedAtMs };
  }

  get #hasWork(): boolean {
    return !this.#isGreeted || this.#outbox.durable > this.#outbox.acknowledged;
  }

  #run(): void {
    if (this.#isClosed || this.#inFlightUpTo !== undefined || this.#retry !== undefined || !this.#hasWork)
      return;
    this.#inFlightUpTo = this.#outbox.acknowledged;
    this.#attempt += 1;
    const attempt = this.#attempt;
    const isCurrent = (): boolean => !this.#isClosed && this.#attempt === attempt;
    this.#send(isCurrent)
      .catch((error: unknown) => {
        if (isCurrent()) this.#tryLater(error);
      })
      .finally(() => {
        if (!isCurrent()) return;
        this.#inFlightUpTo = undefined;
        this.#run();
      });
  }

  async #send(isCurrent: () => boolean): Promise<void> {
    const { installation, peer } = this.#options;
    // What else the commit holds that woke us goes along.
    await Promise.resolve();
    while (isCurrent() && this.#hasWork) {
      const batch = this.#isGreeted ? this.#nextBatch() : this.#batch([], this.#outbox.acknowledged);
      this.#inFlightUpTo = batch.upTo;
      const reply = await installation.call(peer, INBOX, batch, { timeoutMs: ANSWER_MS_MAX });
      if (!isCurrent()) return;
      const answer = parseBatchAnswer(reply);
      if (answer === undefined) throw new Error(`${peer} answered what is no answer to a batch`);
      this.#take(batch, answer);
      this.#failures = 0;
    }
  }

  #nextBatch(): Batch {
    const { clock } = this.#options.loop;
    const { parcels, upTo } = this.#outbox.next();
    this.#inFlightUpTo = upTo;
    const now = clock.now();
    const isOver = ({ deadlineMs = Infinity }: Parcel): boolean => deadlineMs <= now;
    this.#expire(parcels.filter(isOver));
    return this.#batch(
      parcels.filter((parcel) => !isOver(parcel)),
      upTo,
    );
  }

  #batch(parcels: readonly Parcel[], upTo: number): Batch {
    const { incarnation, base, acknowledged } = this.#outbox;
    return { incarnation, base, after: acknowledged, upTo, parcels };
  }

  #take(batch: Batch, answer: BatchAnswer): void {
    const isGreeting = !this.#isGreeted;
    this.#acknowledgedAtMs = this.#options.loop.clock.now();
    if (answer.kind === 'unknown') {
      if (batch.after === batch.base && answer.incarnation < batch.incarnation) {
        throw new Error('the peer does not take the stream from its beginning');
      }
      this.#beginAnew(answer.incarnation > batch.incarnation ? answer.incarnation + 1 : batch.incarnation);
    } else if (isGreeting && answer.upTo > this.#lastAtStart) {
      // This store is an older copy: the peer has had other parcels with the numbers that come next.
      this.#beginAnew(batch.incarnation + 1);
    } else {
      this.#isGreeted = true;
      this.#lastAtStart = Infinity;
      this.#settle(batch, answer);
    }
  }

  #beginAnew(incarnation: number): void {
    const { loop, peer } = this.#options;
    loop.log.info({ peer, incarnation }, 'the peer is sent a snapshot');
    loop.turn((turn) => this.#outbox.begin(turn, incarnation));
    this.#lastAtStart = Infinity;
    this.#continueSnapshot();
  }

  #settle(batch: Batch, answer: BatchAnswer & { kind: 'taken' }): void {
    const upTo = Math.min(answer.upTo, batch.upTo);
    this.#rate.add(upTo - this.#outbox.acknowledged);
    const refusals = new Map(answer.refusals.map((refusal) => [refusal.number, refusal]));
    if (upTo > this.#outbox.acknowledged) {
      this.#options.loop.turn((turn) => {
        for (const parcel of batch.parcels) {
          const refusal = refusals.get(parcel.number);
          if (refusal !== undefined) this.#takeBack(turn, parcel, { kind: 'refused', refusal });
        }
        this.#outbox.acknowledge(turn, upTo, batch.parcels);
      });
    }
    for (let first = this.#waiters.first; first !== undefined; first = this.#waiters.first) {
      if (first.number > upTo) return;
      this.#waiters.take()?.resolve();
    }
  }

  #takeBack(turn: Turn, parcel: Parcel, why: Returned): void {
    const { loop, peer, handlers } = this.#options;
    loop.quarantine.guard('delivery', `${parcel.kind} ${parcel.number} to ${peer}`, () =>
      handlers.get(parcel.kind)?.takeBack?.(turn, parcel, why),
    );
  }

  #tryLater(error: unknown): void {
    const { loop, peer } = this.#options;
    if (this.#failures === 0) loop.log.warn({ peer, error: errorMessage(error) }, 'a peer does not answer');
    const waitMs = Math.min(RETRY_MS_MIN * 2 ** this.#failures, RETRY_MS_MAX);
    this.#failures = Math.min(this.#failures + 1, 16);
    // Jitter, so that all peers of a region that comes back do not come at once.
    const atMs = loop.clock.now() + Math.round(waitMs * (0.5 + randomFloat(loop.random) / 2));
    this.#retry = loop.timers.at(atMs, () => {
      this.#retry = undefined;
      this.#run();
    });
  }

  /** A slice of the snapshot each turn, so that requests get in between. */
  #continueSnapshot(): void {
    if (this.#outbox.snapshotFrom === undefined || this.#snapshot !== undefined) return;
    const { loop, snapshot } = this.#options;
    this.#snapshot = loop.timers.at(loop.clock.now(), () => {
      this.#snapshot = undefined;
      const from = this.#outbox.snapshotFrom;
      if (from === undefined) return;
      loop.turn((turn) => {
        const { parcels, next } = snapshot.slice(from);
        for (const parcel of parcels) this.add(turn, parcel);
        this.#outbox.setSnapshotFrom(turn, next);
      });
      this.#continueSnapshot();
    });
  }

  #scheduleExpiry(): void {
    const { loop } = this.#options;
    this.#expiry = loop.timers.at(loop.clock.now() + EXPIRY_INTERVAL_MS, () => {
      if (this.#earliestDeadlineMs > loop.clock.now()) {
        this.#scheduleExpiry();
        return;
      }
      this.#earliestDeadlineMs = Infinity;
      this.#lookOver(this.#outbox.acknowledged);
    });
  }

  /** Gives back what has waited too long, a slice at a time; not what the peer is being sent just now. */
  #lookOver(after: number): void {
    const { loop } = this.#options;
    const now = loop.clock.now();
    const looked = this.#outbox.after(after, EXPIRY_SLICE_COUNT);
    const isOver = ({ number, deadlineMs = Infinity }: Parcel): boolean =>
      deadlineMs <= now && number > (this.#inFlightUpTo ?? 0);
    this.#expire(looked.filter(isOver));
    const kept = looked.filter((parcel) => !isOver(parcel)).map(({ deadlineMs = Infinity }) => deadlineMs);
    this.#earliestDeadlineMs = Math.min(this.#earliestDeadlineMs, ...kept);
    const last = looked.at(-1);
    if (last === undefined) this.#scheduleExpiry();
    else this.#expiry = loop.timers.at(now, () => this.#lookOver(last.number));
  }

  #expire(parcels: readonly Parcel[]): void {
    if (parcels.length === 0) return;
    this.#options.loop.turn((turn) => {
      for (const parcel of parcels) {
        this.#takeBack(turn, parcel, { kind: 'expired' });
        this.#outbox.remove(turn, parcel);
      }
    });
  }
}
