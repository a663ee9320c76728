/** When a process that has ended is started again: at once the first time, then later and later. */

/** Who has lived for so long did not end by what is wrong with starting it. */
const LONG_LIFE_MS = 30_000;
const FIRST_DELAY_MS = 500;
const DELAY_MAX_MS = 30_000;

export class Backoff {
  #shortLives = 0;

  /** How long to wait after a life of so long. */
  next(livedMs: number): number {
    if (livedMs > LONG_LIFE_MS) this.#shortLives = 0;
    const delayMs = this.#shortLives === 0 ? 0 : FIRST_DELAY_MS * 2 ** (this.#shortLives - 1);
    this.#shortLives += 1;
    return Math.min(delayMs, DELAY_MAX_MS);
  }

  reset(): void {
    this.#shortLives = 0;
  }
}
