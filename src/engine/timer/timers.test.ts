import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimClock } from '../../testing/sim-clock.ts';
import { Timers } from './timers.ts';

const START_MS = 1_000_000;

test('timers fire in the order of their times, and those of one time in the order in which they were set', async () => {
  const clock = new SimClock(START_MS);
  const timers = new Timers(clock);
  const fired: string[] = [];
  timers.at(START_MS + 20, () => fired.push('late'));
  timers.at(START_MS + 10, () => fired.push('first'));
  timers.at(START_MS + 10, () => fired.push('second'));
  await clock.advance(20);
  assert.deepEqual(fired, ['first', 'second', 'late']);
});

test('a cancelled timer does not fire, however often it is cancelled', async () => {
  const clock = new SimClock(START_MS);
  const timers = new Timers(clock);
  let fired = 0;
  const timer = timers.at(START_MS + 10, () => (fired += 1));
  timer.cancel();
  timer.cancel();
  await clock.advance(20);
  assert.equal(fired, 0);
});

test('cancelled timers of a far time do not pile up, and the others still fire', async () => {
  const clock = new SimClock(START_MS);
  const timers = new Timers(clock);
  let fired = 0;
  timers.at(START_MS + 5000, () => (fired += 1));
  for (let count = 0; count < 100_000; count += 1)
    timers.at(START_MS + 3_600_000, () => (fired += 100)).cancel();
  assert.ok(timers.size < 3000, `${timers.size} timers are kept`);
  await clock.advance(5000);
  assert.equal(fired, 1);
  await clock.advance(3_600_000);
  assert.equal(fired, 1);
  assert.equal(timers.size, 0);
});
