import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { decideRoute, type RouteFacts } from './routing.ts';

function decide(facts: Partial<Omit<RouteFacts, 'primary' | 'secondary'>> & { down?: readonly string[] }) {
  const { isHealthy = true, isFailedOver = false, down = [] } = facts;
  const place = (region: string) => ({ region, isDown: down.includes(region) });
  return decideRoute({ primary: place('first'), secondary: place('second'), isHealthy, isFailedOver });
}

suite('the events of a global endpoint', () => {
  test('go to the primary region while its health check is healthy', () => {
    assert.deepEqual(decide({}), { region: 'first', other: 'second', reason: 'healthy' });
    assert.equal(decide({ down: ['second'] }).region, 'first');
  });

  test('go to the secondary region while it is not', () => {
    assert.deepEqual(decide({ isHealthy: false }), {
      region: 'second',
      other: 'first',
      reason: 'unhealthy',
    });
  });

  test('stay with the secondary region of an endpoint that does not return by itself', () => {
    assert.deepEqual(decide({ isFailedOver: true }), {
      region: 'second',
      other: 'first',
      reason: 'failed over',
    });
  });

  test('go to the region that answers when the one that should take them is down', () => {
    assert.deepEqual(decide({ down: ['first'] }), { region: 'second', other: 'first', reason: 'down' });
    for (const why of [{ isHealthy: false }, { isFailedOver: true }]) {
      assert.deepEqual(decide({ ...why, down: ['second'] }), {
        region: 'first',
        other: 'second',
        reason: 'down',
      });
    }
  });

  test('go where the health check says when neither region answers', () => {
    const down = ['first', 'second'];
    assert.equal(decide({ down }).region, 'first');
    assert.equal(decide({ down, isHealthy: false }).region, 'second');
  });
});
