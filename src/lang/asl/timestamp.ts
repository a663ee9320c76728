/** Timestamps as Step Functions accepts them: RFC 3339 with a capital T and a zone, e.g. 2016-03-14T01:59:00.5+01:00. */
import { parseInstant } from '../../base/clock.ts';

export interface Timestamp {
  /** Milliseconds since the epoch, rounded down. */
  readonly atMs: number;
  /** What the milliseconds leave out, 0 to 999,999. */
  readonly nanoseconds: number;
}

const RFC3339 = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/;

/** `undefined` when the text is no such timestamp. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const [, seconds = '', fraction = '', zone = ''] = match;
  const atMs = parseInstant(`${seconds}.${fraction.padEnd(3, '0').slice(0, 3)}${zone}`);
  if (atMs === undefined || !hasRealDate(seconds)) return undefined;
  return { atMs, nanoseconds: Number(fraction.padEnd(9, '0').slice(3)) };
}

/** `Date` reads 30 February as 1 March. */
function hasRealDate(seconds: string): boolean {
  const day = Number(seconds.slice(8, 10));
  if (day <= 28) return true;
  const year = Number(seconds.slice(0, 4));
  const month = Number(seconds.slice(5, 7));
  const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const lengths = [31, isLeapYear ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= (lengths[month - 1] ?? 0);
}

/** Negative when `a` is earlier. */
export function compareTimestamps(a: Timestamp, b: Timestamp): number {
  return a.atMs - b.atMs || a.nanoseconds - b.nanoseconds;
}
