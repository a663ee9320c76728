import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Liveness, type PingOutcome } from './liveness.ts';

function statuses(...outcomes: PingOutcome[]): string[] {
  const liveness = new Liveness();
  return outcomes.map((outcome) => {
    liveness.take(outcome);
    return liveness.status;
  });
}

suite('a peer', () => {
  test('is down at once when its connection is refused, after three silences otherwise', () => {
    assert.deepEqual(statuses('answered', 'refused', 'answered'), ['up', 'down', 'up']);
    assert.deepEqual(statuses('answered', 'silent', 'silent', 'silent'), ['up', 'up', 'up', 'down']);
    assert.deepEqual(statuses('silent', 'silent', 'answered', 'silent'), ['unknown', 'unknown', 'up', 'up']);
  });

  test('tells of changes alone', () => {
    const liveness = new Liveness();
    assert.deepEqual(
      (['answered', 'answered', 'refused', 'refused'] as const).map((outcome) => liveness.take(outcome)),
      [true, false, true, false],
    );
  });
});
