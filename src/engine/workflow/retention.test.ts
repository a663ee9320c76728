import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createEngineFixture } from '../../testing/engine-fixture.ts';
import { encodeSummary, type ExecutionPlace, historyKey, indexKey, placeKey } from './execution-record.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Turn } from '../loop.ts';
import { listExecutions } from './execution-log.ts';
import { ExecutionRetention } from './retention.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const SCOPE = { account: '000000000000', region: 'us-east-1' };

interface Ended {
  readonly machine?: string;
  readonly name: string;
  readonly startedAtMs: number;
  readonly stoppedAtMs?: number;
  readonly chunkCount?: number;
}

function createWorld(retentionMs = 90 * DAY_MS) {
  const { clock, loop, store, restart, settle, stall } = createEngineFixture();
  new ExecutionRetention(loop, retentionMs).start();
  const put = (
    turn: Turn,
    { machine = 'm', name, startedAtMs, stoppedAtMs, chunkCount = 1 }: Ended,
  ): void => {
    const place: ExecutionPlace = { ...SCOPE, machine, name };
    const isEnded = stoppedAtMs !== undefined;
    const stopped = isEnded ? { stoppedAtMs } : {};
    const space = isEnded ? KEYSPACE.executionEnded : KEYSPACE.execution;
    turn.put(placeKey(space, place), Buffer.from('the execution'));
    const status = isEnded ? 'SUCCEEDED' : 'RUNNING';
    turn.put(indexKey(place, startedAtMs), encodeSummary({ name, status, startedAtMs, ...stopped }));
    for (let chunk = 0; chunk < chunkCount; chunk += 1)
      turn.put(historyKey(place, 1 + chunk * 5), Buffer.from('events'));
  };
  const names = (machine = 'm'): string[] =>
    listExecutions(store, { ...SCOPE, name: machine }, { countMax: 100_000 }).executions.map(
      ({ name }) => name,
    );
  const recordCount = (): number => store.range('workflow', 'workflow\u00ff').length;
  return { clock, loop, store, restart, settle, stall, put, names, recordCount };
}

suite('the retention of executions', () => {
  test('forgets one 90 days after its end, with its record, its history and its line, and no other', async () => {
    const { clock, loop, put, names, recordCount } = createWorld();
    const now = clock.now();
    loop.turn((turn) => {
      put(turn, { name: 'old', startedAtMs: now - DAY_MS, stoppedAtMs: now });
      put(turn, { name: 'long', startedAtMs: now - 300 * DAY_MS, stoppedAtMs: now, chunkCount: 50 });
      put(turn, { name: 'runs', startedAtMs: now - 300 * DAY_MS });
      put(turn, { name: 'younger', startedAtMs: now, stoppedAtMs: now + DAY_MS });
      put(turn, { machine: 'a', name: 'old', startedAtMs: now, stoppedAtMs: now });
      put(turn, { machine: 'z', name: 'young', startedAtMs: now + DAY_MS, stoppedAtMs: now + DAY_MS });
    });
    await clock.advance(90 * DAY_MS - HOUR_MS);
    assert.deepEqual(names(), ['younger', 'old', 'long', 'runs']);
    await clock.advance(3 * HOUR_MS);
    assert.deepEqual(names(), ['younger', 'runs']);
    assert.deepEqual([names('a'), names('z')], [[], ['young']]);
    await clock.advance(2 * DAY_MS);
    assert.deepEqual([names(), names('z')], [['runs'], []]);
    assert.equal(recordCount(), 3, 'the record, the chunk and the line of what runs');
  });

  test('goes on with the next few only once the disk has the last', async () => {
    const { clock, loop, put, names, stall } = createWorld(DAY_MS);
    const startedAtMs = clock.now();
    loop.turn((turn) => {
      for (let index = 0; index < 500; index += 1)
        put(turn, { name: `run-${index}`, startedAtMs, stoppedAtMs: startedAtMs });
    });
    await clock.advance(60_000);
    const resume = stall();
    await clock.advance(DAY_MS + HOUR_MS);
    assert.equal(names().length, 400);
    resume();
    await clock.advance(60_000);
    assert.equal(names().length, 0);
  });

  test('forgets a great many a few at a time, and goes on after a crash where it was', async () => {
    const { clock, loop, store, restart, put, recordCount } = createWorld(DAY_MS);
    const startedAtMs = clock.now();
    for (let batch = 0; batch < 10; batch += 1) {
      loop.turn((turn) => {
        for (let index = 0; index < 1000; index += 1) {
          const chunkCount = index % 100 === 0 ? 20 : 2;
          put(turn, { name: `run-${batch}-${index}`, startedAtMs, stoppedAtMs: startedAtMs, chunkCount });
        }
      });
    }
    const total = recordCount();
    await clock.advance(60_000);
    const sizes: number[] = [];
    const commit = store.commit.bind(store);
    store.commit = (batch) => {
      sizes.push(batch.deletes.length);
      return commit(batch);
    };
    await clock.advance(DAY_MS + 1000);
    const left = recordCount();
    assert.ok(left > 0 && left < total, `${left} of ${total} are left`);
    assert.ok(sizes.length >= 20 && Math.max(...sizes) <= 400, sizes.join(' '));
    loop.close();
    const again = restart();
    new ExecutionRetention(again, DAY_MS).start();
    await clock.advance(10 * 60_000);
    assert.equal(recordCount(), 0);
    again.close();
  });
});
