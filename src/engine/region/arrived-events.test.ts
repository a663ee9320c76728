import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { key, prefixRange } from '../../storage/keys.ts';
import { createEngineFixture } from '../../testing/engine-fixture.ts';
import { KEYSPACE } from '../keyspace.ts';
import { ArrivedEvents } from './arrived-events.ts';
import { LateEvents } from './late-events.ts';

const HOUR = 3_600_000;
const BUS = 'arn:aws:events:us-east-1:000000000000:event-bus/default';

suite('events that have arrived', () => {
  test('are known for a day at least, and forgotten in slices before the second is over', async () => {
    const { loop, clock, store } = createEngineFixture();
    const arrived = new ArrivedEvents(loop);
    arrived.start();
    const add = (id: string): boolean => loop.turn((turn) => arrived.add(turn, BUS, id));
    const kept = (): number => store.range(...prefixRange(key(KEYSPACE.arrivedEvent))).length;
    for (let number = 0; number < 1200; number += 1) assert.ok(add(`event-${number}`));
    await clock.advance(24 * HOUR);
    assert.equal(kept(), 1200);
    assert.equal(add('event-0'), false);
    await clock.advance(24 * HOUR);
    assert.equal(kept(), 0);
    assert.ok(add('event-0'));
    arrived.close();
  });
});

suite('late events', () => {
  test('are listed with the newest first, and no more than a thousand of them are kept', () => {
    const { loop, store, restart } = createEngineFixture();
    const late = new LateEvents(loop);
    late.start();
    const event = { bus: BUS, from: 'us-west-2', sentAtMs: 0, arrivedAtMs: 1, epoch: 0 };
    for (let number = 0; number < 1010; number += 1) {
      loop.turn((turn) => late.add(turn, { ...event, id: `event-${number}` }));
    }
    assert.equal(store.range(...prefixRange(key(KEYSPACE.lateEvent))).length, 1000);
    assert.deepEqual(
      late.list(2).map(({ id }) => id),
      ['event-1009', 'event-1008'],
    );
    const after = new LateEvents(restart());
    after.start();
    assert.equal(after.count, 1010);
  });
});
