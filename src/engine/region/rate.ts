/** How many there are a second, counted over the last ten seconds or so. */
import type { Clock } from '../../base/clock.ts';

const WINDOW_MS = 10_000;

export class Rate {
  readonly #clock: Clock;
  #startedAtMs: number;
  #count = 0;
  /** Of the window before. */
  #before = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAtMs = clock.monotonicMs();
  }

  add(count: number): void {
    this.#turnOver();
    this.#count += count;
  }

  get perSecond(): number {
    const elapsedMs = this.#turnOver();
    // The window before counts for the part of it that lies within the last ten seconds.
    const part = 1 - elapsedMs / WINDOW_MS;
    return ((this.#count + this.#before * part) * 1000) / WINDOW_MS;
  }

  /** Answers how old the present window is. */
  #turnOver(): number {
    const elapsedMs = this.#clock.monotonicMs() - this.#startedAtMs;
    if (elapsedMs < WINDOW_MS) return elapsedMs;
    this.#before = elapsedMs < 2 * WINDOW_MS ? this.#count : 0;
    this.#count = 0;
    this.#startedAtMs += elapsedMs - (elapsedMs % WINDOW_MS);
    return elapsedMs % WINDOW_MS;
  }
}
