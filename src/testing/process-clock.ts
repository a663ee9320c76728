/** The clock of one simulated process: time is the simulation's, and timers die with the process. */
import type { Clock, Timer } from '../base/clock.ts';

export class ProcessClock implements Clock {
  readonly #clock: Clock;
  #isDead = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  callAt(atMs: number, callback: () => void): Timer {
    return this.#clock.callAt(atMs, () => {
      if (!this.#isDead) callback();
    });
  }

  /** Nothing that this process has set fires any more. */
  kill(): void {
    this.#isDead = true;
  }
}
