import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { type Logger, silentLogger } from '../../base/log.ts';
import { SimClock } from '../../testing/sim-clock.ts';
import { Timers } from './timers.ts';

function createTimers() {
  const clock = new SimClock(0);
  const errors: unknown[] = [];
  const log: Logger = { ...silentLogger, error: ({ error }) => errors.push(error) };
  const timers = new Timers(clock, log);
  const fired: string[] = [];
  const at = (atMs: number, name: string) => timers.at(atMs, () => fired.push(name));
  return { clock, timers, errors, fired, at };
}

suite('timers', () => {
  test('fire in the order of their instants, those of one instant in the order in which they were set', async () => {
    const { clock, fired, at } = createTimers();
    at(20, 'late');
    at(10, 'first');
    at(10, 'second');
    at(0, 'now');
    await clock.advance(30);
    assert.deepEqual(fired, ['now', 'first', 'second', 'late']);
  });

  test('never fire early, and fire once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(1000), { maxLength: 50 }), fc.nat(500), async (instants, stepMs) => {
        const { clock, timers } = createTimers();
        const firedAt: [due: number, at: number][] = [];
        for (const due of instants) timers.at(due, () => firedAt.push([due, clock.now()]));
        while (clock.now() <= 1000) await clock.advance(stepMs + 1);
        assert.equal(firedAt.length, instants.length);
        for (const [due, at] of firedAt) assert.equal(at, due);
      }),
      { numRuns: 30 },
    );
  });

  test('never fire within the call that sets them, even when they are due', async () => {
    const { clock, fired, at } = createTimers();
    at(-5, 'overdue');
    assert.deepEqual(fired, []);
    await clock.advance(0);
    assert.deepEqual(fired, ['overdue']);
  });

  test('do not fire once cancelled, before or during the instant at which they are due', async () => {
    const { clock, timers, fired, at } = createTimers();
    at(10, 'cancelled').cancel();
    let other = at(99, 'replaced below');
    timers.at(10, () => other.cancel());
    other = at(10, 'cancelled by the one before');
    const kept = at(10, 'kept');
    await clock.advance(50);
    kept.cancel();
    assert.deepEqual(fired, ['kept']);
  });

  test('set by a callback for an instant that has come fire as well', async () => {
    const { clock, timers, fired, at } = createTimers();
    timers.at(10, () => at(5, 'set late'));
    await clock.advance(10);
    assert.deepEqual(fired, ['set late']);
  });

  test('that throw are reported and hold up no other', async () => {
    const { clock, timers, fired, errors, at } = createTimers();
    timers.at(10, () => {
      throw new Error('broken record');
    });
    at(10, 'same instant');
    at(20, 'later');
    await clock.advance(30);
    assert.deepEqual(fired, ['same instant', 'later']);
    assert.deepEqual(errors, ['broken record']);
  });

  test('of one instant by the thousand let others in between', async () => {
    const { clock, timers } = createTimers();
    let count = 0;
    for (let index = 0; index < 1000; index += 1) timers.at(10, () => (count += 1));
    const seen: number[] = [];
    const look = (): void => {
      seen.push(count);
      if (count < 1000) setImmediate(look);
    };
    setImmediate(look);
    await clock.advance(10);
    assert.ok(
      seen.some((value) => value > 0 && value < 1000),
      `saw ${seen.join(', ')}`,
    );
    assert.equal(count, 1000);
  });

  test('that were cancelled long before they are due take no memory', async () => {
    const { clock, timers, fired, at } = createTimers();
    const YEAR_MS = 365 * 86_400_000;
    at(YEAR_MS, 'kept');
    for (let index = 0; index < 100_000; index += 1) {
      const timer = timers.at(YEAR_MS, () => fired.push('no'));
      timer.cancel();
      timer.cancel();
    }
    assert.ok(timers.size < 3000, `${timers.size} are held`);
    await clock.advance(YEAR_MS);
    assert.deepEqual(fired, ['kept']);
    assert.equal(timers.size, 0);
  });

  test('are all forgotten on closing', async () => {
    const { clock, timers, fired, at } = createTimers();
    at(10, 'no');
    timers.close();
    at(20, 'neither');
    await clock.advance(30);
    assert.deepEqual(fired, []);
  });
});
