/**
 * The loop that every engine runs in: it turns decisions into commits and performs their effects.
 *
 * A *turn* is one synchronous piece of work: a handler or a timer decides, changes state in memory and records
 * the mutations in the `Turn`; the loop commits them as one batch. Engines pass their turn on to each other, so a
 * PutEvents that fills a queue and starts an execution is one commit. Effects (a function call, an answer, a
 * wake-up of a parked receiver) run only after that commit is on disk.
 *
 * An engine decides before it applies: everything that can be refused is checked before the first change, so a
 * refused turn has changed nothing. A turn that throws after it began to change is our bug: memory and disk would
 * differ, so the process ends and recovery runs.
 */
import type { Clock } from '../base/clock.ts';
import { AwsError, InvariantError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { Batch, Entry, Key, Lease, Position, Store, Value } from '../storage/store.ts';
import { Quarantine } from './quarantine.ts';
import { Timers } from './timer/timers.ts';

/** One synchronous piece of work and the batch that it will commit. */
export interface Turn {
  /** Milliseconds since the epoch; the same for the whole turn. */
  readonly now: number;
  readonly random: Random;
  /** The position that makes this turn durable. Entities that it changes remember it. */
  readonly position: Position;
  put(key: Key, value: Value): void;
  delete(key: Key): void;
  deleteRange(from: Key, to: Key): void;
  /** Runs once this turn is on disk, in the order of the calls. */
  afterCommit(effect: () => void): void;
}

class BatchTurn implements Turn {
  readonly now: number;
  readonly random: Random;
  readonly position: Position;
  /** The last word on each key, in the order of the first: `undefined` deletes it. */
  readonly #mutations = new Map<Key, Value | undefined>();
  readonly #deleteRanges: (readonly [Key, Key])[] = [];
  readonly effects: (() => void)[] = [];

  constructor(now: number, random: Random, position: Position) {
    this.now = now;
    this.random = random;
    this.position = position;
  }

  get isEmpty(): boolean {
    return this.#mutations.size === 0 && this.#deleteRanges.length === 0;
  }

  put(key: Key, value: Value): void {
    this.#mutations.set(key, value);
  }

  delete(key: Key): void {
    this.#mutations.set(key, undefined);
  }

  /** Ranges are removed before anything else of a batch is done: what was said of their keys so far is void. */
  deleteRange(from: Key, to: Key): void {
    for (const key of this.#mutations.keys()) if (key >= from && key < to) this.#mutations.delete(key);
    this.#deleteRanges.push([from, to]);
  }

  toBatch(lease: Batch['lease']): Batch {
    const puts: Entry[] = [];
    const deletes: Key[] = [];
    for (const [key, value] of this.#mutations) {
      if (value === undefined) deletes.push(key);
      else puts.push({ key, value });
    }
    const deleteRanges = this.#deleteRanges;
    return lease === undefined ? { puts, deletes, deleteRanges } : { puts, deletes, deleteRanges, lease };
  }

  afterCommit(effect: () => void): void {
    this.effects.push(effect);
  }
}

/** The right to write; `partition/ownership.ts` says how it is got and lost. */
export interface Owner {
  /** What each commit carries, so that the store can refuse those of an owner that has been deposed. */
  readonly lease: Pick<Lease, 'name' | 'epoch'>;
  /** Throws when the right may have ended. */
  assertHeld(): void;
}

export interface LoopOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** A turn failed after it had changed memory: memory and disk differ, so the process has to end and recover. */
  readonly onFatal: (error: Error) => void;
  /** Only tests, where nothing else can write, do without. */
  readonly owner?: Owner;
}

export class Loop {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly timers: Timers;
  readonly quarantine: Quarantine;
  readonly #onFatal: (error: Error) => void;
  readonly #owner: Owner | undefined;
  readonly #effects: { readonly position: Position; readonly effect: () => void }[] = [];
  readonly #unsubscribe: () => void;
  readonly #waiters = new Set<() => void>();
  #isClosed = false;
  #current: BatchTurn | undefined;

  constructor(options: LoopOptions) {
    this.store = options.store;
    this.clock = options.clock;
    this.random = options.random;
    this.log = options.log;
    this.#onFatal = options.onFatal;
    this.#owner = options.owner;
    this.timers = new Timers(options.clock, options.log);
    this.quarantine = new Quarantine(this);
    this.#unsubscribe = this.store.onCommit((position) => this.#perform(position));
  }

  /**
   * Runs `decide` and commits what it recorded. An `AwsError` passes through with nothing committed. Turns do not
   * nest: code that may run inside one takes the turn as an argument. A closed loop refuses: the store may by then
   * belong to another one, which knows nothing of what the memory of this one says.
   */
  turn<T>(decide: (turn: Turn) => T): T {
    if (this.#isClosed) throw isClosing();
    if (this.#current !== undefined) throw new InvariantError('turns do not nest');
    this.assertOwned();
    const turn = new BatchTurn(this.clock.now(), this.random, this.store.nextPosition);
    this.#current = turn;
    try {
      const result = decide(turn);
      this.#commit(turn);
      return result;
    } catch (error) {
      if (turn.isEmpty) throw error;
      const fatal = new InvariantError('a turn failed after it had changed something', { cause: error });
      this.#onFatal(fatal);
      throw fatal;
    } finally {
      this.#current = undefined;
    }
  }

  /** Throws when what is in memory may no longer be the truth, since another node may own the region by now. */
  assertOwned(): void {
    this.#owner?.assertHeld();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** For whoever waits for an effect or a timer: it will not come any more. Until the answered function is called. */
  onClose(waiter: () => void): () => void {
    this.#waiters.add(waiter);
    return () => this.#waiters.delete(waiter);
  }

  /** Stops timers and effects; nothing fires any more, and a store that lives on lets go of the engines. */
  close(): void {
    this.#isClosed = true;
    for (const waiter of this.#waiters) waiter();
    this.#waiters.clear();
    this.timers.close();
    this.#unsubscribe();
  }

  #commit(turn: BatchTurn): void {
    const position = turn.isEmpty
      ? this.store.durablePosition
      : this.store.commit(turn.toBatch(this.#owner?.lease));
    for (const effect of turn.effects) this.#effects.push({ position, effect });
    if (turn.isEmpty && turn.effects.length > 0)
      queueMicrotask(() => this.#perform(this.store.durablePosition));
  }

  #perform(position: Position): void {
    let count = 0;
    for (const { position: due, effect } of this.#effects) {
      if (due > position) break;
      count += 1;
      try {
        effect();
      } catch (error) {
        // An effect that throws must not hold up those of other entities.
        this.log.error({ error: String(error) }, 'an effect threw');
      }
    }
    if (count > 0) this.#effects.splice(0, count);
  }
}

function isClosing(): AwsError {
  return new AwsError('ServiceUnavailable', 'The region is closing.', { httpStatus: 503, fault: 'server' });
}
