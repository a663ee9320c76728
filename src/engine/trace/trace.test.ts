import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createEngineFixture } from '../../testing/engine-fixture.ts';
import { prefixRange, key } from '../../storage/keys.ts';
import { CorruptRecordError, type Key, type Store } from '../../storage/store.ts';
import type { Cause } from '../cause.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop } from '../loop.ts';
import { Trace, type TraceOptions } from './trace.ts';

function createTraceFixture(options: TraceOptions = {}) {
  const fixture = createEngineFixture();
  const openTrace = (loop: Loop): Trace => {
    const trace = new Trace(loop, options);
    trace.start();
    return trace;
  };
  const trace = openTrace(fixture.loop);
  const link = (cause: Cause, ...effects: Cause[]): void =>
    fixture.loop.turn((turn) => trace.effects(turn, cause, effects));
  const count = (keyspace: string): number => fixture.store.range(...prefixRange(key(keyspace))).length;
  return { ...fixture, openTrace, trace, link, count };
}

const request: Cause = { kind: 'request', id: 'r' };
const event: Cause = { kind: 'event', id: 'e' };
const message: Cause = { kind: 'message', id: 'm' };
const batch: Cause = { kind: 'pipe-batch', id: 'b' };

suite('a trace', () => {
  test('leads from an id up to where it began and down to all that came of it, not to its siblings', async () => {
    const { trace, link } = createTraceFixture();
    link(request, event);
    link(event, message, { kind: 'execution', id: 'sibling' });
    link(message, batch);
    const chain = await trace.chain('m');
    assert.deepEqual(
      chain.links.map(({ cause, effect }) => `${cause}>${effect}`),
      ['r>e', 'e>m', 'm>b'],
    );
    assert.deepEqual(chain.nodes.map(({ id }) => id).toSorted(), ['b', 'e', 'm', 'r']);
    assert.equal(chain.truncated, false);
  });

  test('ends where causes and effects form a circle', async () => {
    const { trace, link } = createTraceFixture();
    link(message, batch);
    link(batch, message);
    assert.equal((await trace.chain('m')).links.length, 2);
  });

  test('of an unknown id is empty', async () => {
    assert.deepEqual((await createTraceFixture().trace.chain('nobody')).links, []);
  });

  test('takes one record for the effects of one turn', () => {
    const { trace, loop, count } = createTraceFixture();
    loop.turn((turn) => {
      trace.effect(turn, event, message);
      trace.effect(turn, event, { kind: 'execution', id: 'x' });
      trace.effect(turn, message, batch);
    });
    assert.equal(count(KEYSPACE.traceEffect), 1);
  });

  test('finds what was recorded before a crash, in closed blocks and in the open one', async () => {
    const { link, restart, openTrace, count } = createTraceFixture();
    for (let number = 0; number < 9000; number += 1) {
      link({ kind: 'event', id: `e${number}` }, { kind: 'message', id: `m${number}` });
    }
    assert.equal(count(KEYSPACE.traceBlock), 2);
    const trace = openTrace(restart());
    for (const number of [0, 4095, 4096, 8999]) {
      assert.equal((await trace.chain(`m${number}`)).links[0]?.cause, `e${number}`);
    }
  });

  test('forgets what is older than its retention, index and records', async () => {
    const { trace, link, clock, count } = createTraceFixture();
    link(event, message);
    await clock.advance(25 * 3_600_000);
    await clock.advance(3_600_000);
    assert.deepEqual((await trace.chain('m')).links, []);
    assert.deepEqual([KEYSPACE.traceEffect, KEYSPACE.traceBlock, KEYSPACE.traceIndex].map(count), [0, 0, 0]);
  });

  test('keeps to its number of blocks, the oldest go first', async () => {
    const { trace, link, count } = createTraceFixture({
      retention: { ageMs: 1e12, blocks: 1, sizeBytes: 1e12 },
    });
    for (let number = 0; number < 10_000; number += 1) {
      link({ kind: 'event', id: `e${number}` }, { kind: 'message', id: `m${number}` });
    }
    assert.equal(count(KEYSPACE.traceBlock), 1);
    assert.deepEqual((await trace.chain('m0')).links, []);
    assert.equal((await trace.chain('m4096')).links.length, 1);
    assert.equal((await trace.chain('m9999')).links.length, 1);
  });
});

suite('a trace over what cannot be read', () => {
  const UNREADABLE = Buffer.from([255, 255, 255, 255, 1, 2, 3]);

  /** 20,000 effects: two whole blocks, and one that is filling. */
  function createLong(options: TraceOptions = {}) {
    const fixture = createTraceFixture(options);
    for (let index = 0; index < 10_000; index += 1)
      fixture.link({ kind: 'event', id: `e${index}` }, { kind: 'message', id: `m${index}` });
    assert.equal(fixture.count(KEYSPACE.traceBlock), 2);
    const blocks = () => fixture.store.range(...prefixRange(key(KEYSPACE.traceBlock)));
    const links = async (trace: Trace, index: number) => (await trace.find(`m${index}`)).length;
    return { ...fixture, blocks, links };
  }

  /** `store` in which the records of these keys are damaged. */
  function damaged(store: Store, keys: readonly Key[]): Store {
    return new Proxy(store, {
      get: (target, name) => {
        if (name === 'get')
          return (recordKey: Key) => {
            if (keys.includes(recordKey)) throw new CorruptRecordError(recordKey);
            return target.get(recordKey);
          };
        if (name === 'range')
          return (...range: Parameters<Store['range']>) =>
            target.range(...range).filter((entry) => !keys.includes(entry.key));
        const value = Reflect.get(target, name, target) as unknown;
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }

  test('starts, lists the block, and finds what the others cover', async () => {
    const { loop, blocks, restart, openTrace, links } = createLong();
    const [first] = blocks();
    assert.ok(first);
    loop.turn((turn) => turn.put(first.key, UNREADABLE));
    const again = restart();
    const trace = openTrace(again);
    assert.deepEqual(
      again.quarantine.list().map(({ kind, subject }) => [kind, subject]),
      [['trace', first.key]],
    );
    assert.deepEqual([await links(trace, 0), await links(trace, 5000), await links(trace, 9999)], [0, 1, 1]);
  });

  test('without its last block fills a new one from the records, and gives no sequence twice', async () => {
    const { store, blocks, restart, openTrace, links, count } = createLong();
    const lost = damaged(
      store,
      blocks().map((entry) => entry.key),
    );
    const again = restart(lost);
    const trace = openTrace(again);
    assert.deepEqual([await links(trace, 0), await links(trace, 9999)], [0, 1]);
    const before = count(KEYSPACE.traceEffect);
    again.turn((turn) => trace.effect(turn, event, message));
    assert.equal(count(KEYSPACE.traceEffect), before + 1);
  });

  test('passes over the ids of a block and the record of an effect that are damaged', async () => {
    const { store, blocks, restart, openTrace, links } = createLong();
    const effects = store.range(...prefixRange(key(KEYSPACE.traceEffect)));
    const [first] = blocks();
    assert.ok(first);
    const ids = first.key.replace(KEYSPACE.traceBlock, KEYSPACE.traceIndex);
    const trace = openTrace(restart(damaged(store, [ids, effects[5000]?.key ?? ''])));
    assert.deepEqual([await links(trace, 0), await links(trace, 5000), await links(trace, 5001)], [0, 0, 1]);
  });

  test('takes what no block covers any more away with the next block', async () => {
    const { store, clock, blocks, restart, openTrace, count } = createLong();
    const [first] = blocks();
    assert.ok(first);
    const again = restart(damaged(store, [first.key]));
    const trace = openTrace(again);
    await clock.advance(25 * 3_600_000);
    again.turn((turn) => trace.expire(turn));
    await clock.advance(25 * 3_600_000);
    assert.deepEqual([count(KEYSPACE.traceBlock), count(KEYSPACE.traceIndex)], [0, 0]);
    assert.equal(count(KEYSPACE.traceEffect), 0);
  });
});
