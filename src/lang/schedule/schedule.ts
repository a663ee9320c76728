/**
 * Schedule expressions of rules (`rate`, `cron`) and of EventBridge Scheduler (these and `at`). Parsed where a rule
 * or a schedule is stored; the timer engine asks `nextAfter` for the next instant. Everything is UTC.
 */
import { AwsError } from '../../base/errors.ts';
import { daysInMonth, toDays } from './civil.ts';
import type { Cron } from './cron.ts';
import { nextCron, parseCron } from './cron.ts';

/** `events` = rules of a bus (rate, cron); `scheduler` = EventBridge Scheduler (rate, cron, at). */
export type ScheduleDialect = 'events' | 'scheduler';

export type Schedule =
  | { readonly kind: 'rate'; readonly text: string; readonly intervalMs: number }
  | { readonly kind: 'cron'; readonly text: string; readonly cron: Cron }
  | { readonly kind: 'at'; readonly text: string; readonly atMs: number };

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['minute', 60_000],
  ['hour', 3_600_000],
  ['day', 86_400_000],
]);

/** Parses a schedule expression. Throws `ValidationException` in the words of the service. */
export function parseSchedule(text: string, dialect: ScheduleDialect): Schedule {
  const schedule = parseRate(text, dialect) ?? parseCronSchedule(text) ?? parseAt(text, dialect);
  if (schedule !== undefined) return schedule;
  throw new AwsError(
    'ValidationException',
    dialect === 'events'
      ? 'Parameter ScheduleExpression is not valid.'
      : `Invalid Schedule Expression ${text}.`,
  );
}

function parseRate(text: string, dialect: ScheduleDialect): Schedule | undefined {
  const found = /^rate\((\d{1,9}) (minute|hour|day)(s?)\)$/.exec(text);
  if (found === null) return undefined;
  const [, countText = '', unit = '', plural] = found;
  const count = Number(countText);
  if (count < 1) return undefined;
  // Rules insist on grammar [recorded]; Scheduler's own examples say `rate(1 hours)`.
  if (dialect === 'events' && (count === 1) !== (plural === '')) return undefined;
  return { kind: 'rate', text, intervalMs: count * (UNIT_MS.get(unit) ?? 0) };
}

function parseCronSchedule(text: string): Schedule | undefined {
  if (!text.startsWith('cron(') || !text.endsWith(')')) return undefined;
  const cron = parseCron(text.slice('cron('.length, -1));
  return cron && { kind: 'cron', text, cron };
}

function parseAt(text: string, dialect: ScheduleDialect): Schedule | undefined {
  const found = /^at\((\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\)$/.exec(text);
  if (found === null || dialect === 'events') return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1).map(Number);
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const seconds = toDays({ year, month, day }) * 86_400 + hour * 3600 + minute * 60 + second;
  return { kind: 'at', text, atMs: seconds * 1000 };
}

/**
 * The first instant after `afterMs` (UTC, ms since the epoch), or `undefined` when there is none.
 * A rate counts from `anchorMs` (the creation of the rule or the StartDate); without it, from `afterMs`.
 */
export function nextAfter(
  schedule: Schedule,
  afterMs: number,
  anchorMs: number = afterMs,
): number | undefined {
  switch (schedule.kind) {
    case 'rate': {
      const { intervalMs } = schedule;
      const elapsed = Math.floor((afterMs - anchorMs) / intervalMs);
      return anchorMs + Math.max(1, elapsed + 1) * intervalMs;
    }
    case 'cron':
      return nextCron(schedule.cron, afterMs);
    case 'at':
      return schedule.atMs > afterMs ? schedule.atMs : undefined;
  }
}
