import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { key, prefixRange } from '../../storage/keys.ts';
import { createBusFixture, SCOPE } from '../../testing/bus-fixture.ts';
import { KEYSPACE } from '../keyspace.ts';

const MINUTE_MS = 60_000;

function createScheduleFixture(scheduleExpression: string) {
  const fixture = createBusFixture();
  const queue = fixture.createQueue('ticks');
  const rule = fixture.putRule('tick', { scheduleExpression }, [{ Arn: queue.arn }]);
  const ticks = () => fixture.receive(queue).map(({ body }) => JSON.parse(body));
  const dueCount = () => fixture.store.range(...prefixRange(key(KEYSPACE.ruleDue))).length;
  return { ...fixture, queue, rule, ticks, dueCount };
}

suite('a rule with a schedule', () => {
  test('fires at its rate, with the event that AWS sends', async () => {
    const { clock, ticks, rule } = createScheduleFixture('rate(5 minutes)');
    await clock.advance(5 * MINUTE_MS - 1);
    assert.deepEqual(ticks(), []);
    await clock.advance(1);
    const [{ id, ...event }] = ticks();
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.deepEqual(event, {
      version: '0',
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: SCOPE.account,
      time: '2026-01-01T00:05:00Z',
      region: SCOPE.region,
      resources: [rule.arn],
      detail: {},
    });
    await clock.advance(10 * MINUTE_MS);
    assert.equal(ticks().length, 2);
  });

  test('fires by cron', async () => {
    const { clock, ticks } = createScheduleFixture('cron(0 12 * * ? *)');
    await clock.advance(36 * 60 * MINUTE_MS);
    assert.deepEqual(
      ticks().map(({ time }) => time),
      ['2026-01-01T12:00:00Z', '2026-01-02T12:00:00Z'],
    );
  });

  test('keeps its pace when targets change, and begins anew with another schedule', async () => {
    const { clock, ticks, putRule, queue } = createScheduleFixture('rate(5 minutes)');
    await clock.advance(3 * MINUTE_MS);
    putRule('tick', { scheduleExpression: 'rate(5 minutes)' }, [{ Arn: queue.arn }]);
    await clock.advance(2 * MINUTE_MS);
    assert.equal(ticks().length, 1);
    putRule('tick', { scheduleExpression: 'rate(10 minutes)' }, [{ Arn: queue.arn }]);
    await clock.advance(9 * MINUTE_MS);
    assert.equal(ticks().length, 0);
    await clock.advance(MINUTE_MS);
    assert.equal(ticks().length, 1);
  });

  test('stands still while it is disabled and after it was deleted', async () => {
    const { clock, ticks, putRule, queue, buses, loop, dueCount } = createScheduleFixture('rate(1 minute)');
    const disabled = { scheduleExpression: 'rate(1 minute)', state: 'DISABLED' } as const;
    putRule('tick', disabled, [{ Arn: queue.arn }]);
    await clock.advance(5 * MINUTE_MS);
    assert.deepEqual(ticks(), []);
    const rule = putRule('tick', { scheduleExpression: 'rate(1 minute)' }, [{ Arn: queue.arn }]);
    assert.equal(dueCount(), 1);
    const bus = buses.get(SCOPE, 'default');
    assert.ok(bus);
    loop.turn((turn) => buses.deleteRule(turn, bus, rule));
    await clock.advance(5 * MINUTE_MS);
    assert.deepEqual(ticks(), []);
    assert.equal(dueCount(), 0);
  });

  test('makes up once for what fell due while nobody was running, and then keeps its old pace', async () => {
    const { clock, queue, buses, restart, open } = createScheduleFixture('rate(5 minutes)');
    await clock.advance(5 * MINUTE_MS);
    buses.close();
    await clock.advance(12 * MINUTE_MS);
    const { queues, loop } = open(restart());
    const count = () => queues.find(queue.arn)?.counts(loop.clock.now()).ready;
    assert.equal(count(), 1);
    await clock.advance(0);
    assert.equal(count(), 2);
    await clock.advance(3 * MINUTE_MS);
    assert.equal(count(), 3);
  });
});
