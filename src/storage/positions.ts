/**
 * The positions of a store: which group commit is filling, which is the last that has a batch, which is on disk,
 * and who waits for one. Every backend counts with this, so that they all mean the same by a position.
 *
 * A group fills from its first batch (`join`) until the backend takes it to write (`seal`); it is durable once the
 * backend says so (`reached`), in the order of positions.
 */
import { StoreFailedError } from './store.ts';
import type { Position } from './store.ts';

export class Positions {
  #sealed: Position;
  #last: Position;
  #durable: Position;
  #failure: StoreFailedError | undefined;
  /** Waiters of the same group share one promise: there are at most a few groups, but hundreds of waiters. */
  readonly #waiters = new Map<Position, PromiseWithResolvers<void>>();
  readonly #commitSubscribers = new Set<(position: Position) => void>();
  readonly #failureSubscribers: ((error: Error) => void)[] = [];

  constructor(durable: Position) {
    this.#sealed = durable;
    this.#last = durable;
    this.#durable = durable;
  }

  get next(): Position {
    return this.#sealed + 1;
  }

  get last(): Position {
    return this.#last;
  }

  get durable(): Position {
    return this.#durable;
  }

  /** Throws once the store has failed. */
  assertWorking(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Counts a batch into the filling group, or into the one that a store below has given it to. */
  join(position: Position = this.next): Position {
    this.#last = position;
    return position;
  }

  /** Closes the filling group, which has a batch; the next batch starts another. */
  seal(): Position {
    this.#sealed = this.#last;
    return this.#sealed;
  }

  whenDurable(position: Position): Promise<void> {
    // What was never given to a batch holds nothing to wait for but what was committed before.
    const awaited = Math.min(position, this.#last);
    if (awaited <= this.#durable) return Promise.resolve();
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    let waiter = this.#waiters.get(awaited);
    if (waiter === undefined) {
      waiter = Promise.withResolvers<void>();
      this.#waiters.set(awaited, waiter);
    }
    return waiter.promise;
  }

  onCommit(subscriber: (position: Position) => void): () => void {
    this.#commitSubscribers.add(subscriber);
    return () => this.#commitSubscribers.delete(subscriber);
  }

  onFailure(subscriber: (error: Error) => void): void {
    this.#failureSubscribers.push(subscriber);
  }

  /** The group at `position` is on disk. */
  reached(position: Position): void {
    this.#durable = position;
    this.#waiters.get(position)?.resolve();
    this.#waiters.delete(position);
    for (const subscriber of this.#commitSubscribers) subscriber(position);
  }

  /** Nothing more will become durable. Only the first failure counts. */
  fail(error: StoreFailedError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    for (const waiter of this.#waiters.values()) waiter.reject(error);
    this.#waiters.clear();
    for (const subscriber of this.#failureSubscribers) subscriber(error);
  }

  /** After this every commit is refused; what is under way may still become durable. */
  close(): void {
    this.#failure ??= new StoreFailedError('the store is closed');
  }
}
