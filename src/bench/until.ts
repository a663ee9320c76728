import { setTimeout as sleep } from 'node:timers/promises';

/** What no longer moves is given up after so long. */
const STALLED_MS = 10_000;
const LOOK_MS = 50;

/**
 * Looks until `isThere`, or until `progress` has been the same for ten seconds, and answers how many milliseconds
 * that took: 0 when it was there at the first look.
 */
export async function until(
  isThere: () => Promise<boolean>,
  progress: () => number = () => 0,
): Promise<number> {
  const startedAtMs = performance.now();
  let movedAtMs = startedAtMs;
  let before = -1;
  for (let look = 0; ; look += 1) {
    if (await isThere()) return look === 0 ? 0 : performance.now() - startedAtMs;
    const nowMs = performance.now();
    if (progress() !== before) movedAtMs = nowMs;
    else if (nowMs - movedAtMs > STALLED_MS) return nowMs - startedAtMs;
    before = progress();
    await sleep(LOOK_MS);
  }
}
