/**
 * Time as an argument. This is the only file that may touch `Date`, `setTimeout` and their kin; everything else
 * takes a `Clock`, so that tests and users can steer time and a simulation can replay it.
 *
 * All instants are whole milliseconds since the epoch, all durations whole milliseconds.
 */

export interface Timer {
  /** Forgets the callback. Calling it twice, or after the timer fired, does nothing. */
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since the epoch, by the wall. */
  now(): number;
  /** Milliseconds from an arbitrary start, never going back: for durations and leases. */
  monotonicMs(): number;
  /** Calls back once, not before `atMs`, never synchronously. */
  callAt(atMs: number, callback: () => void): Timer;
}

/**
 * Long waits are taken in hops: `setTimeout` does not notice that the wall clock is set forward, and past 2^31-1 ms it
 * fires at once. A timer is late by a hop at the most, and a look at the clock each second costs nothing.
 */
const TIMEOUT_HOP_MS = 1000;

class SystemTimer implements Timer {
  #handle: NodeJS.Timeout | undefined;

  constructor(atMs: number, callback: () => void) {
    this.#arm(atMs, callback);
  }

  #arm(atMs: number, callback: () => void): void {
    const delayMs = Math.max(0, atMs - Date.now());
    this.#handle = setTimeout(
      () => {
        // Node's timers can fire up to a millisecond early, and the wall clock can be set back meanwhile.
        if (Date.now() < atMs) this.#arm(atMs, callback);
        else callback();
      },
      Math.min(delayMs, TIMEOUT_HOP_MS),
    );
  }

  cancel(): void {
    clearTimeout(this.#handle);
  }
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  callAt: (atMs, callback) => new SystemTimer(atMs, callback),
};

/** Resolves not before `delayMs` from now. */
export function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.callAt(clock.now() + delayMs, resolve);
  });
}

/** `2026-01-31T09:05:07.123Z` */
export function formatIsoMs(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** `2026-01-31T09:05:07Z`, as EventBridge writes the time of an event. */
export function formatIsoSeconds(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

/** `20260131T090507Z`, as SigV4 writes a date. */
export function formatIsoBasic(atMs: number): string {
  return formatIsoSeconds(atMs).replaceAll(/[-:]/g, '');
}

/** Milliseconds since the epoch, or `undefined` when the text is no instant that `Date` can read. */
export function parseInstant(text: string): number | undefined {
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : atMs;
}

/** `Sat, 31 Jan 2026 09:05:07 GMT`, as HTTP headers write a date. */
export function formatHttpDate(atMs: number): string {
  return new Date(atMs).toUTCString();
}
