import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { key, prefixRange } from '../../storage/keys.ts';
import { createBusFixture, SCOPE } from '../../testing/bus-fixture.ts';
import { KEYSPACE } from '../keyspace.ts';

/** A bus with 250 rules of 5 targets each, all of them the same queue: 1,250 deliveries an event. */
function createWideFixture() {
  const fixture = createBusFixture();
  const queue = fixture.createQueue('orders');
  const targets = Array.from({ length: 5 }, () => ({ Arn: queue.arn }));
  const rules = Array.from({ length: 250 }, (_, index) =>
    fixture.putRule(`r${index}`, { eventPattern: '{"source":["shop"]}' }, targets),
  );
  const ready = (from = queue) => from.counts(fixture.clock.now()).ready;
  const postponedCount = () => fixture.store.range(...prefixRange(key(KEYSPACE.postponed))).length;
  return { ...fixture, queue, rules, ready, postponedCount };
}

suite('an event with more targets than a turn serves', () => {
  test('reaches the first thousand in its own commit and the rest in later ones', async () => {
    const { put, ready, clock, postponedCount, trace } = createWideFixture();
    const id = put({ order: 1 });
    assert.equal(ready(), 1000);
    assert.equal(postponedCount(), 1);
    await clock.advance(0);
    assert.equal(ready(), 1250);
    assert.equal(postponedCount(), 0);
    const messages = (await trace.chain(id)).links.filter(({ kind }) => kind === 'message');
    assert.equal(new Set(messages.map(({ effect }) => effect)).size, 1250);
  });

  test('takes the targets that are left at the pace of the disk', async () => {
    const { put, ready, clock, stall } = createWideFixture();
    const resume = stall();
    put({ order: 1 });
    await clock.advance(60_000);
    assert.equal(ready(), 1000);
    resume();
    await clock.advance(0);
    assert.equal(ready(), 1250);
  });

  test('reaches each once, whenever the process dies in between', async () => {
    const { put, queue, buses, restart, open, clock } = createWideFixture();
    put({ order: 1 });
    buses.close();
    const after = open(restart());
    await clock.advance(0);
    const recovered = after.queues.find(queue.arn);
    assert.equal(recovered?.counts(clock.now()).ready, 1250);
  });

  test('is dropped, and says so, for a target that was removed before its turn came', async () => {
    const { put, ready, clock, buses, loop, rules } = createWideFixture();
    put({ order: 1 });
    const bus = buses.get(SCOPE, 'default');
    const last = rules.at(-1);
    assert.ok(bus && last);
    loop.turn((turn) => buses.updateRule(turn, bus, last, { targets: [] }));
    await clock.advance(0);
    assert.equal(ready(), 1245);
    assert.equal(buses.counts.dropped, 5);
  });
});
