import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { key } from '../../storage/keys.ts';
import { KEYSPACE } from '../keyspace.ts';
import { messageKey, visibilityKey } from '../queue/message.ts';
import { type QueueConfig, queueKey, type QueueRecord } from '../queue/queue-record.ts';
import { historyKey, indexKey, placeKey } from '../workflow/execution-record.ts';
import { PARTITION_COUNT, partitionOf, partitionOfRecord } from './partition.ts';

const SCOPE = { account: '000000000000', region: 'us-east-1' };
const CONFIG: QueueConfig = {
  visibilityTimeoutSeconds: 30,
  delaySeconds: 0,
  messageSizeBytesMax: 1_048_576,
  retentionSeconds: 60,
  receiveWaitSeconds: 0,
  stored: {},
};
const IN_SCOPE = [SCOPE.account, SCOPE.region] as const;

suite('the partition of an entity', () => {
  test('never changes: records lie where it says', () => {
    const found = {
      orders: partitionOf('queue', ...IN_SCOPE, 'orders'),
      fifo: partitionOf('queue', ...IN_SCOPE, 'orders.fifo'),
      elsewhere: partitionOf('queue', '000000000000', 'eu-west-1', 'orders'),
      bus: partitionOf('bus', ...IN_SCOPE, 'orders'),
      text: partitionOf('pipe', ...IN_SCOPE, 'größe'),
      execution: partitionOf('execution', ...IN_SCOPE, 'machine', 'run'),
      item: partitionOf('table-partition', ...IN_SCOPE, 'orders', 7, 0xdead_beef),
    };
    // By zlib.crc32 of Python, over keys written out by hand.
    const expected = { orders: 56, fifo: 32, elsewhere: 54, bus: 11, text: 30, execution: 10, item: 14 };
    assert.deepEqual(found, expected);
  });

  test('spreads entities with names alike evenly', () => {
    for (const kind of ['queue', 'execution'] as const) {
      const counts = Array.from({ length: PARTITION_COUNT }, () => 0);
      for (let index = 0; index < 6400; index += 1) {
        const partition = partitionOf(kind, ...IN_SCOPE, `entity-${index}`);
        counts[partition] = (counts[partition] ?? 0) + 1;
      }
      assert.ok(Math.min(...counts) >= 50 && Math.max(...counts) <= 150, `${kind}: ${counts.join(' ')}`);
    }
  });
});

suite('the partition of a record', () => {
  test('is that of its entity, whatever kind of record it is', () => {
    const queue: QueueRecord = {
      ...SCOPE,
      name: 'orders',
      generation: 3,
      createdAtMs: 1,
      modifiedAtMs: 1,
      config: CONFIG,
      tags: {},
    };
    const expected = partitionOf('queue', ...IN_SCOPE, 'orders');
    assert.equal(partitionOfRecord(queueKey(SCOPE, 'orders')), expected);
    assert.equal(partitionOfRecord(messageKey(queue, 8)), expected);
    assert.equal(partitionOfRecord(visibilityKey(queue, 8)), expected);

    const place = { ...SCOPE, machine: 'machine', name: 'run' };
    const own = partitionOf('execution', ...IN_SCOPE, 'machine', 'run');
    assert.equal(partitionOfRecord(placeKey(KEYSPACE.execution, place)), own);
    assert.equal(partitionOfRecord(placeKey(KEYSPACE.executionEnded, place)), own);
    assert.equal(partitionOfRecord(historyKey(place, 9)), own);
    assert.equal(partitionOfRecord(indexKey(place, 1_000_000)), own);
  });

  test('is none for what a node writes about itself', () => {
    assert.equal(partitionOfRecord(key(KEYSPACE.busLog, 12)), undefined);
    assert.equal(partitionOfRecord(key(KEYSPACE.probe)), undefined);
  });

  test('is asked for in vain when nobody has said whose the record is', () => {
    assert.throws(() => partitionOfRecord(key('other', 'a', 'b', 'c')), /no kind of record is called other/);
  });
});
