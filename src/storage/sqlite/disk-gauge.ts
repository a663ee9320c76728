/** How much room is left on the disk of a directory, looked up at most ten times a second. */
import { statfsSync } from 'node:fs';
import type { Clock } from '../../base/clock.ts';

/** Below this no new work is admitted: what is under way, and deletes, live on the rest. */
const LOW_WATER_BYTES = 64 * 2 ** 20;
/** Below this not even admitted work may write: the rest is for deletes, and for SQLite to recover with. */
const RESERVE_BYTES = 16 * 2 ** 20;

const LOOK_EVERY_MS = 100;

/** Bytes that this user may still write to the disk of `directory`. */
export function freeBytesOf(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}

export class DiskGauge {
  readonly #clock: Clock;
  readonly #freeBytes: () => number;
  #lookedAtMs = -Infinity;
  #lastFreeBytes = 0;

  constructor(clock: Clock, freeBytes: () => number) {
    this.#clock = clock;
    this.#freeBytes = freeBytes;
  }

  get isLow(): boolean {
    return this.#look() < LOW_WATER_BYTES;
  }

  get isExhausted(): boolean {
    return this.#look() < RESERVE_BYTES;
  }

  #look(): number {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#lookedAtMs >= LOOK_EVERY_MS) {
      this.#lookedAtMs = nowMs;
      this.#lastFreeBytes = this.#freeBytes();
    }
    return this.#lastFreeBytes;
  }
}
