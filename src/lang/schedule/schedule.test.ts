import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { AwsError } from '../../base/errors.ts';
import { dayOfWeek, fromDays, toDays } from './civil.ts';
import { nextAfter, parseSchedule } from './schedule.ts';

/** The next instant of an expression, written as ISO text on both sides. */
function next(expression: string, after: string): string | undefined {
  const atMs = nextAfter(parseSchedule(expression, 'scheduler'), Date.parse(after));
  return atMs === undefined ? undefined : new Date(atMs).toISOString().replace('.000', '');
}

test('the civil calendar agrees with Date over ten thousand years', () => {
  fc.assert(
    fc.property(fc.integer({ min: -700_000, max: 2_900_000 }), (days) => {
      const date = new Date(days * 86_400_000);
      assert.deepEqual(fromDays(days), {
        year: date.getUTCFullYear(),
        month: date.getUTCMonth() + 1,
        day: date.getUTCDate(),
      });
      assert.equal(toDays(fromDays(days)), days);
      assert.equal(dayOfWeek(days), date.getUTCDay() + 1);
    }),
  );
});

test('a cron fires at the next matching minute, never at the one given', () => {
  assert.equal(next('cron(0 12 * * ? *)', '2026-01-31T11:59:59Z'), '2026-01-31T12:00:00Z');
  assert.equal(next('cron(0 12 * * ? *)', '2026-01-31T12:00:00Z'), '2026-02-01T12:00:00Z');
  assert.equal(next('cron(5,35 14 * * ? *)', '2026-01-31T14:05:00Z'), '2026-01-31T14:35:00Z');
  assert.equal(next('cron(0/15 * * * ? *)', '2026-12-31T23:50:00Z'), '2027-01-01T00:00:00Z');
});

test('a cron knows last days, nearest weekdays and the nth day of a month', () => {
  assert.equal(next('cron(0 0 L * ? *)', '2028-02-01T00:00:00Z'), '2028-02-29T00:00:00Z');
  assert.equal(next('cron(0 0 1W * ? *)', '2026-08-01T00:00:00Z'), '2026-08-03T00:00:00Z');
  assert.equal(next('cron(0 0 31W * ? *)', '2026-05-01T00:00:00Z'), '2026-05-29T00:00:00Z');
  assert.equal(next('cron(0 0 LW * ? *)', '2026-01-02T00:00:00Z'), '2026-01-30T00:00:00Z');
  assert.equal(next('cron(0 2 ? * SAT#3 *)', '2026-01-01T00:00:00Z'), '2026-01-17T02:00:00Z');
  assert.equal(next('cron(0 0 ? * 6L *)', '2026-01-01T00:00:00Z'), '2026-01-30T00:00:00Z');
  assert.equal(next('cron(0 0 ? * FRI-MON *)', '2026-01-28T00:00:00Z'), '2026-01-30T00:00:00Z');
});

test('a cron without another instant says so', () => {
  assert.equal(next('cron(0/5 5 ? JAN 1-5 2022)', '2026-01-01T00:00:00Z'), undefined);
  assert.equal(next('cron(0 0 30 FEB ? *)', '2026-01-01T00:00:00Z'), undefined);
});

test('a rate keeps its beat from the anchor, whenever it is asked', () => {
  const schedule = parseSchedule('rate(5 minutes)', 'events');
  assert.equal(nextAfter(schedule, 1000), 301_000);
  assert.equal(nextAfter(schedule, 299_999, 0), 300_000);
  assert.equal(nextAfter(schedule, 300_000, 0), 600_000);
  assert.equal(nextAfter(schedule, 0, 1_000_000), 1_300_000);
});

test('an at fires once', () => {
  assert.equal(next('at(2026-02-28T10:00:00)', '2026-01-01T00:00:00Z'), '2026-02-28T10:00:00Z');
  assert.equal(next('at(2026-02-28T10:00:00)', '2026-02-28T10:00:00Z'), undefined);
  assert.throws(() => parseSchedule('at(2026-02-29T10:00:00)', 'scheduler'), AwsError);
});

test('each service refuses in its own words', () => {
  assert.throws(() => parseSchedule('rate(1 minutes)', 'events'), {
    code: 'ValidationException',
    message: 'Parameter ScheduleExpression is not valid.',
  });
  assert.throws(() => parseSchedule('at(2021-12-31)', 'scheduler'), {
    code: 'ValidationException',
    message: 'Invalid Schedule Expression at(2021-12-31).',
  });
});

test('what fires next matches every field, and nothing before it does', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 59 }),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 0, max: 4e12 }),
      (minute, weekday, afterMs) => {
        const atMs = nextAfter(parseSchedule(`cron(${minute} * ? * ${weekday} *)`, 'events'), afterMs);
        assert.ok(atMs !== undefined && atMs > afterMs);
        const date = new Date(atMs);
        assert.equal(date.getUTCMinutes(), minute);
        assert.equal(date.getUTCDay() + 1, weekday);
        // The longest wait is over the six other days.
        assert.ok(atMs - afterMs <= 7 * 86_400_000);
      },
    ),
  );
});
