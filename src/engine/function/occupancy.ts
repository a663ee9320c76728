/**
 * How much of their time the processes of a function spend in handlers. The pool asks before it starts a further
 * process: where they are mostly idle and invocations wait all the same, they wait for the server's own thread, and
 * a process more takes a core from it for a cold start and serves nobody sooner.
 */
import type { Clock } from '../../base/clock.ts';

export class Occupancy {
  readonly #clock: Clock;
  #sinceMs: number;
  #handlersMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sinceMs = clock.monotonicMs();
  }

  /** An invocation has ended whose handler took so long, as its own process measured it. */
  add(handlerMs: number): void {
    this.#handlersMs += handlerMs;
  }

  /**
   * Of the time since the last look, from 0 to 1; 1 when there is no process. `inHandMs` has an element for each
   * process: for how long it has had its invocation in hand, 0 when it has none. Only those that it has had since
   * before the last look count: a shorter one may have been answered, and the answer not been read yet.
   */
  look(inHandMs: readonly number[]): number {
    const nowMs = this.#clock.monotonicMs();
    const windowMs = nowMs - this.#sinceMs;
    const stuckCount = inHandMs.filter((ms) => ms >= windowMs).length;
    const share = (this.#handlersMs / windowMs + stuckCount) / inHandMs.length;
    this.#sinceMs = nowMs;
    this.#handlersMs = 0;
    // No process, or no time at all, is 0 / 0.
    return Number.isNaN(share) ? 1 : Math.min(1, share);
  }
}
