/**
 * Due times of entities. A timer lives in memory alone: whoever sets one keeps the due time in its own durable
 * record and sets it again at recovery. One clock timer is armed, for the earliest of them.
 */
import type { Clock, Timer } from '../../base/clock.ts';
import { errorMessage } from '../../base/errors.ts';
import { Heap } from '../../base/heap.ts';
import type { Logger } from '../../base/log.ts';

interface Due extends Timer {
  readonly atMs: number;
  /** Breaks ties: timers for the same instant fire in the order in which they were set. */
  readonly order: number;
  callback: (() => void) | undefined;
}

/**
 * Cancelled timers stay in the heap until they would be due, or until they are this many and more than half of all:
 * a task with a timeout of an hour that answers at once must not cost memory for an hour.
 */
const CANCELLED_MAX = 1000;

/** Callbacks run in one turn of the event loop; the rest of a herd waits for the next, so that requests get in. */
const CALLBACKS_PER_TURN_MAX = 200;

export class Timers {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #heap = new Heap<Due>(compareDue);
  #cancelledCount = 0;
  #order = 0;
  #armed: { readonly atMs: number; readonly timer: Timer } | undefined;
  #closed = false;

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Calls back once, not before `atMs`. */
  at(atMs: number, callback: () => void): Timer {
    const due: Due = { atMs, order: this.#order, callback, cancel: () => this.#cancel(due) };
    this.#order += 1;
    this.#heap.push(due);
    if (this.#armed === undefined || atMs < this.#armed.atMs) this.#arm();
    return due;
  }

  /** Timers in memory, those among them that were cancelled. */
  get size(): number {
    return this.#heap.size;
  }

  #cancel(due: Due): void {
    if (due.callback === undefined) return;
    due.callback = undefined;
    this.#cancelledCount += 1;
    if (this.#cancelledCount <= CANCELLED_MAX || this.#cancelledCount * 2 <= this.#heap.size) return;
    this.#heap.retain(({ callback }) => callback !== undefined);
    this.#cancelledCount = 0;
  }

  /** Forgets all timers, for shutdown. */
  close(): void {
    this.#closed = true;
    this.#armed?.timer.cancel();
  }

  #arm(): void {
    this.#armed?.timer.cancel();
    this.#armed = undefined;
    const next = this.#heap.peek();
    if (next === undefined || this.#closed) return;
    this.#armed = { atMs: next.atMs, timer: this.#clock.callAt(next.atMs, () => this.#fire()) };
  }

  #fire(): void {
    this.#armed = undefined;
    const now = this.#clock.now();
    for (let count = 0; count < CALLBACKS_PER_TURN_MAX; count += 1) {
      const due = this.#heap.peek();
      if (due === undefined || due.atMs > now) break;
      this.#heap.pop();
      this.#call(due);
    }
    this.#arm();
  }

  #call(due: Due): void {
    const { callback } = due;
    if (callback === undefined) this.#cancelledCount -= 1;
    // A timer that has fired is not cancelled any more.
    due.callback = undefined;
    try {
      callback?.();
    } catch (error) {
      // One broken record must not stop the clocks of all others, nor end the process at each start anew.
      this.#log.error({ error: errorMessage(error) }, 'a timer threw');
    }
  }
}

function compareDue(a: Due, b: Due): number {
  return a.atMs - b.atMs || a.order - b.order;
}
