/**
 * A store that misbehaves as real ones do, over any other: commits that take long, commits that fail, and commits
 * that are on disk although the answer says that they failed. What it does is decided by a seeded source, so a
 * failing test says its seed and comes out the same again.
 *
 * After a failed commit it is as dead as a store whose writer died: waiters are rejected, later commits are
 * refused. A caller that then opens the underlying place again must find either outcome in order.
 */
import { randomFloat } from '../base/random.ts';
import type { Random } from '../base/random.ts';
import { Positions } from '../storage/positions.ts';
import { StoreFailedError } from '../storage/store.ts';
import type {
  Batch,
  CommittedChange,
  Entry,
  Key,
  Lease,
  Position,
  RangeOptions,
  ScrubReport,
  Store,
  Value,
  VerifyReport,
} from '../storage/store.ts';

export interface Faults {
  /** Part of the group commits of which callers learn late, 0 to 1. Default: 0. */
  readonly slow?: number;
  /** Turns of the event loop by which a slow one is late. Default: 10. */
  readonly slowTurns?: number;
  /** Part of the group commits that never reach the disk. Default: 0. */
  readonly lost?: number;
  /** Part of the group commits that reach the disk and are answered with an error. Default: 0. */
  readonly doneButFailed?: number;
}

/** Wraps `store`; closing the wrapper closes it. */
export function createFaultyStore(store: Store, random: Random, faults: Faults): Store {
  return new FaultyStore(store, random, faults);
}

type Fate = 'fine' | 'slow' | 'lost' | 'doneButFailed';

class FaultyStore implements Store {
  readonly #store: Store;
  readonly #random: Random;
  readonly #faults: Faults;
  /** What the callers may know: it lags behind what the store below knows. */
  readonly #positions: Positions;
  /** Decided with the first batch of each group, so that the seed alone decides. */
  readonly #fates = new Map<Position, Fate>();
  /** A slow commit holds up the reports of those after it: one chain keeps their order. */
  #reports: Promise<void> = Promise.resolve();
  #hasFailed = false;

  constructor(store: Store, random: Random, faults: Faults) {
    this.#store = store;
    this.#random = random;
    this.#faults = faults;
    this.#positions = new Positions(store.durablePosition);
    store.onCommit((position) => {
      this.#reports = this.#reports.then(() => this.#report(position));
    });
    store.onFailure((error) => this.#fail(error.message));
  }

  get nextPosition(): Position {
    return this.#store.nextPosition;
  }

  get lastPosition(): Position {
    return this.#positions.last;
  }

  get durablePosition(): Position {
    return this.#positions.durable;
  }

  get acceptsWrites(): boolean {
    return this.#store.acceptsWrites;
  }

  get isBehind(): boolean {
    return this.#store.isBehind;
  }

  get(key: Key): Value | undefined {
    return this.#store.get(key);
  }

  getMany(keys: readonly Key[]): (Value | undefined)[] {
    return this.#store.getMany(keys);
  }

  range(from: Key, to: Key, options?: RangeOptions): Entry[] {
    return this.#store.range(from, to, options);
  }

  commit(batch: Batch): Position {
    this.#positions.assertWorking();
    const position = this.#store.nextPosition;
    const fate = this.#fates.get(position) ?? this.#draw();
    this.#fates.set(position, fate);
    // Callers hear of a loss after their turn, as they would of a failing disk.
    if (fate === 'lost') setImmediate(() => this.#fail('a commit was lost (injected)'));
    else this.#store.commit(batch);
    return this.#positions.join(position);
  }

  #draw(): Fate {
    const { slow = 0, lost = 0, doneButFailed = 0 } = this.#faults;
    const drawn = randomFloat(this.#random);
    if (drawn < lost) return 'lost';
    if (drawn < lost + doneButFailed) return 'doneButFailed';
    return drawn < lost + doneButFailed + slow ? 'slow' : 'fine';
  }

  /** The store below has this commit on disk: tells so, tells so late, or lies. */
  async #report(position: Position): Promise<void> {
    const fate = this.#fates.get(position);
    this.#fates.delete(position);
    const turns = fate === 'slow' ? (this.#faults.slowTurns ?? 10) : 0;
    for (let turn = 0; turn < turns; turn += 1) await nextTurn();
    if (fate === 'doneButFailed') this.#fail('a commit is on disk and answered with an error (injected)');
    if (!this.#hasFailed) this.#positions.reached(position);
  }

  #fail(message: string): void {
    this.#hasFailed = true;
    this.#positions.fail(new StoreFailedError(message));
  }

  whenDurable(position: Position): Promise<void> {
    return this.#positions.whenDurable(position);
  }

  onCommit(subscriber: (position: Position) => void): () => void {
    return this.#positions.onCommit(subscriber);
  }

  onFailure(subscriber: (error: Error) => void): void {
    this.#positions.onFailure(subscriber);
  }

  onCorrupt(subscriber: (key: Key) => void): void {
    this.#store.onCorrupt(subscriber);
  }

  lease(name: string, owner: string, ttlMs: number): Promise<Lease | undefined> {
    return this.#store.lease(name, owner, ttlMs);
  }

  renew(lease: Lease, ttlMs: number): Promise<Lease | undefined> {
    return this.#store.renew(lease, ttlMs);
  }

  release(lease: Lease): Promise<void> {
    return this.#store.release(lease);
  }

  changes(from: Position): AsyncIterable<CommittedChange> {
    return this.#store.changes(from);
  }

  backup(path: string): Promise<void> {
    return this.#store.backup(path);
  }

  verify(): Promise<VerifyReport> {
    return this.#store.verify();
  }

  scrub(from: Key): Promise<ScrubReport> {
    return this.#store.scrub(from);
  }

  async close(): Promise<void> {
    await this.#store.close();
    await this.#reports;
    this.#positions.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
