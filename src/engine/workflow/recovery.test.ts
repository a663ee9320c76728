import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../base/random.ts';
import type { Retrier } from '../../lang/asl/types.ts';
import { decideRetry, findCatcher, matchesError } from './recovery.ts';

const RETRIER: Retrier = {
  errorEquals: ['Busy'],
  intervalSeconds: 2,
  maxAttempts: 3,
  backoffRate: 2,
  isJitterFull: false,
};

test('States.ALL and States.TaskFailed leave out what AWS leaves out', () => {
  assert.equal(matchesError(['States.ALL'], { error: 'Anything' }), true);
  assert.equal(matchesError(['States.ALL'], { error: 'States.Timeout' }), true);
  assert.equal(matchesError(['States.ALL'], { error: 'States.Runtime' }), false);
  assert.equal(matchesError(['States.TaskFailed'], { error: 'Anything' }), true);
  assert.equal(matchesError(['States.TaskFailed'], { error: 'States.Timeout' }), false);
  assert.equal(matchesError(['Other'], { error: 'Anything' }), false);
});

test('a pause never grows past its maximum', () => {
  const decide = (count: number): number | undefined =>
    decideRetry([{ ...RETRIER, maxDelaySeconds: 5 }], [count], { error: 'Busy' }, seededRandom(1))?.delayMs;
  assert.deepEqual([decide(0), decide(1), decide(2), decide(3)], [2000, 4000, 5000, undefined]);
});

test('full jitter takes any part of the pause', () => {
  const random = seededRandom(5);
  for (let draw = 0; draw < 100; draw += 1) {
    const { delayMs = -1 } =
      decideRetry([{ ...RETRIER, isJitterFull: true }], [], { error: 'Busy' }, random) ?? {};
    assert.ok(delayMs >= 0 && delayMs <= 2000);
  }
});

test('attempts are counted for each retrier, and one that is used up hides those behind it', () => {
  const retriers = [RETRIER, { ...RETRIER, errorEquals: ['States.ALL'] }];
  const decide = (counts: readonly number[], error: string): readonly number[] | undefined =>
    decideRetry(retriers, counts, { error }, seededRandom(1))?.retryCounts;
  assert.deepEqual(decide([], 'Busy'), [1, 0]);
  assert.deepEqual(decide([1, 0], 'Other'), [1, 1]);
  assert.equal(decide([3, 0], 'Busy'), undefined);
});

test('the first catcher that matches takes the failure', () => {
  const catchers = [
    { errorEquals: ['A'], next: 'first', resultPath: undefined },
    { errorEquals: ['States.ALL'], next: 'second', resultPath: undefined },
  ];
  assert.equal(findCatcher(catchers, { error: 'A' })?.next, 'first');
  assert.equal(findCatcher(catchers, { error: 'B' })?.next, 'second');
  assert.equal(findCatcher(catchers, { error: 'States.Runtime' }), undefined);
});
