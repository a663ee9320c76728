import { notImplementedError } from '../../base/errors.ts';

/** `events` = rules of a bus (rate, cron); `scheduler` = EventBridge Scheduler (rate, cron, at). */
export type ScheduleDialect = 'events' | 'scheduler';

export interface Schedule {
  readonly kind: 'rate' | 'cron' | 'at';
  readonly text: string;
}

/** Parses a schedule expression. Throws `ValidationException` in the words of the service. */
export function parseSchedule(_text: string, _dialect: ScheduleDialect): Schedule {
  throw notImplementedError('parseSchedule');
}

/**
 * The first instant after `afterMs` (UTC, ms since the epoch), or `undefined` when there is none.
 * A rate counts from `anchorMs` (the creation of the rule or the StartDate); without it, from `afterMs`.
 */
export function nextAfter(_schedule: Schedule, _afterMs: number, _anchorMs?: number): number | undefined {
  throw notImplementedError('nextAfter');
}
