/**
 * Those who wait for messages of a queue: told after each commit that makes one ready, and at the instant at which one
 * that waits becomes ready. A queue has one `Consumers`, and nobody else does.
 */
import type { Timer } from '../../base/clock.ts';
import type { Timers } from '../timer/timers.ts';

/** What is asked of the queue. */
export interface Awaited {
  readonly timers: Timers;
  hasReady(): boolean;
  /** When the next message that waits for an instant becomes ready. */
  readonly nextAtMs: number | undefined;
}

export class Consumers {
  readonly #awaited: Awaited;
  readonly #callbacks = new Set<() => void>();
  #wakeUp: { readonly atMs: number; readonly timer: Timer } | undefined;

  constructor(awaited: Awaited) {
    this.#awaited = awaited;
  }

  get isEmpty(): boolean {
    return this.#callbacks.size === 0;
  }

  /** As `Queue.subscribe` says. */
  add(consumer: () => void): () => void {
    this.#callbacks.add(consumer);
    queueMicrotask(() => {
      if (this.#callbacks.has(consumer) && this.#awaited.hasReady()) consumer();
    });
    this.armWakeUp();
    return () => this.#callbacks.delete(consumer);
  }

  announce(): void {
    for (const consumer of this.#callbacks) {
      // Most often the first takes all there is, and a thousand may be waiting.
      if (!this.#awaited.hasReady()) return;
      consumer();
    }
  }

  /** To be called when a message begins to wait for an instant. */
  armWakeUp(): void {
    const { nextAtMs, timers } = this.#awaited;
    if (this.isEmpty || nextAtMs === undefined) return;
    if (this.#wakeUp !== undefined && this.#wakeUp.atMs <= nextAtMs) return;
    this.#wakeUp?.timer.cancel();
    const timer = timers.at(nextAtMs, () => {
      this.#wakeUp = undefined;
      this.announce();
      this.armWakeUp();
    });
    this.#wakeUp = { atMs: nextAtMs, timer };
  }

  close(): void {
    this.#wakeUp?.timer.cancel();
    this.#callbacks.clear();
  }
}
