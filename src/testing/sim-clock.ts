/** A clock that stands still until it is told to move: time for tests and simulations. */
import { Heap } from '../base/heap.ts';
import type { Clock, Timer } from '../base/clock.ts';

interface Due extends Timer {
  readonly atMs: number;
  readonly order: number;
  callback: (() => void) | undefined;
}

export class SimClock implements Clock {
  #nowMs: number;
  #order = 0;
  readonly #due = new Heap<Due>((a, b) => a.atMs - b.atMs || a.order - b.order);

  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  callAt(atMs: number, callback: () => void): Timer {
    const due: Due = { atMs, order: this.#order, callback, cancel: () => (due.callback = undefined) };
    this.#order += 1;
    this.#due.push(due);
    return due;
  }

  /**
   * Moves time on by `durationMs`, firing what falls due in order and letting the work that each fires settle
   * before the next: a turn of the event loop passes between two instants.
   */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.#nowMs + durationMs;
    for (;;) {
      await settle();
      const next = this.#due.peek();
      if (next === undefined || next.atMs > endMs) break;
      this.#due.pop();
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback?.();
    }
    this.#nowMs = endMs;
    await settle();
  }
}

/** Lets promises and immediates that are due run. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
