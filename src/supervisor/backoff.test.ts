import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Backoff } from './backoff.ts';

suite('a backoff', () => {
  test('starts again at once, then later and later, up to a bound', () => {
    const backoff = new Backoff();
    const delays = Array.from({ length: 10 }, () => backoff.next(100));
    assert.deepEqual(delays, [0, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  test('forgets short lives after a long one, and when an operator wants it', () => {
    const backoff = new Backoff();
    for (let count = 0; count < 5; count += 1) backoff.next(100);
    assert.equal(backoff.next(30_001), 0);
    assert.equal(backoff.next(100), 500);
    backoff.reset();
    assert.equal(backoff.next(100), 0);
  });
});
