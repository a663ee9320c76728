import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  formatHttpDate,
  formatIsoBasic,
  formatIsoMs,
  formatIsoSeconds,
  parseInstant,
  sleep,
  systemClock,
} from './clock.ts';

/** Through the year 9999: what four digits hold. */
const instant = fc.integer({ min: 0, max: Date.UTC(10_000, 0, 1) - 1 });

suite('texts of instants', () => {
  test('read back as what they were made of', () => {
    fc.assert(
      fc.property(instant, (atMs) => {
        assert.equal(parseInstant(formatIsoMs(atMs)), atMs);
        const secondsMs = Math.floor(atMs / 1000) * 1000;
        assert.equal(parseInstant(formatIsoSeconds(atMs)), secondsMs);
        assert.equal(parseInstant(formatHttpDate(atMs)), secondsMs);
      }),
    );
  });

  test('sort as their instants do', () => {
    fc.assert(
      fc.property(instant, instant, (a, b) => {
        assert.equal(formatIsoMs(a) < formatIsoMs(b), a < b);
      }),
    );
  });

  test('have the forms of EventBridge, of SigV4 and of HTTP', () => {
    const atMs = Date.UTC(2026, 0, 31, 9, 5, 7, 123);
    assert.equal(formatIsoMs(atMs), '2026-01-31T09:05:07.123Z');
    assert.equal(formatIsoSeconds(atMs), '2026-01-31T09:05:07Z');
    assert.equal(formatIsoBasic(atMs), '20260131T090507Z');
    assert.equal(formatHttpDate(atMs), 'Sat, 31 Jan 2026 09:05:07 GMT');
    assert.equal(parseInstant('neither date nor time'), undefined);
  });
});

suite('the clock of the system', () => {
  const YEAR_MS = 365 * 86_400_000;

  test('calls back after longer than one timeout of Node can be', (context) => {
    context.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
    let calledAt: number | undefined;
    systemClock.callAt(YEAR_MS, () => (calledAt = systemClock.now()));
    // A timeout that is too long for Node fires at once: this would see it.
    context.mock.timers.tick(2000);
    assert.equal(calledAt, undefined);
    context.mock.timers.setTime(YEAR_MS - 1);
    context.mock.timers.tick(1);
    assert.equal(calledAt, YEAR_MS);
  });

  test('notices within a second that it was set forward', (context) => {
    let nowMs = 0;
    context.mock.method(Date, 'now', () => nowMs);
    // The timeouts of Node go by another clock, which nobody sets.
    context.mock.timers.enable({ apis: ['setTimeout'] });
    let count = 0;
    systemClock.callAt(3_600_000, () => (count += 1));
    context.mock.timers.tick(500);
    nowMs = 3_600_000;
    context.mock.timers.tick(500);
    assert.equal(count, 1);
  });

  test('calls back for an instant that has passed, but not within the call', (context) => {
    context.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1000 });
    let count = 0;
    systemClock.callAt(0, () => (count += 1));
    assert.equal(count, 0);
    context.mock.timers.tick(1);
    assert.equal(count, 1);
  });

  test('waits on when it was set back meanwhile', (context) => {
    context.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1000 });
    let count = 0;
    systemClock.callAt(2000, () => (count += 1));
    context.mock.timers.setTime(500);
    context.mock.timers.tick(1000);
    assert.equal(count, 0, 'it is 1500');
    context.mock.timers.tick(500);
    assert.equal(count, 1);
  });

  test('does not call back once cancelled, between two hops neither', (context) => {
    context.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
    const timer = systemClock.callAt(YEAR_MS, () => assert.fail('called back'));
    context.mock.timers.tick(30 * 86_400_000);
    timer.cancel();
    timer.cancel();
    context.mock.timers.tick(YEAR_MS);
  });

  test('lets a caller sleep', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
    const slept = sleep(systemClock, 50);
    context.mock.timers.tick(50);
    await slept;
  });
});
