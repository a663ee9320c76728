import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBatch, encodeBatch, isIntactBatch } from './journal.ts';
import { openRecord, RECORD_HEAD_BYTES, sealRecord } from './sealed-record.ts';

const anyKey = fc.array(fc.nat(255), { maxLength: 12 }).map((codes) => String.fromCharCode(...codes));
const anyBatch = fc.record({
  puts: fc.array(fc.record({ key: anyKey, value: fc.uint8Array({ maxLength: 40 }) }), { maxLength: 6 }),
  deletes: fc.array(anyKey, { maxLength: 6 }),
  deleteRanges: fc.array(fc.tuple(anyKey, anyKey), { maxLength: 3 }),
});

test('a batch comes back from the journal as it was', () => {
  fc.assert(
    fc.property(anyBatch, (batch) => {
      const bytes = encodeBatch(batch);
      assert.ok(isIntactBatch(bytes));
      const { puts, deletes, deleteRanges } = decodeBatch(bytes);
      assert.deepEqual(
        puts.map(({ key, value }) => [key, Array.from(value)]),
        batch.puts.map(({ key, value }) => [key, Array.from(value)]),
      );
      assert.deepEqual(
        { deletes, deleteRanges },
        { deletes: batch.deletes, deleteRanges: batch.deleteRanges },
      );
    }),
  );
});

test('a batch with any one bit flipped, or cut short, is not intact', () => {
  fc.assert(
    fc.property(anyBatch, fc.nat(), (batch, at) => {
      const bytes = encodeBatch(batch);
      const bit = at % (bytes.length * 8);
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(isIntactBatch(flipped), false);
      assert.equal(isIntactBatch(bytes.subarray(0, bytes.length - 1)), false);
    }),
  );
});

test('a sealed record opens under its own key alone, and not with a bit flipped', () => {
  fc.assert(
    fc.property(anyKey, anyKey, fc.uint8Array({ maxLength: 40 }), fc.nat(), (key, other, value, at) => {
      const sealed = Buffer.concat([Buffer.alloc(RECORD_HEAD_BYTES), value]);
      sealRecord(key, sealed);
      assert.deepEqual(Array.from(openRecord(key, sealed) ?? [256]), Array.from(value));
      if (other !== key) assert.equal(openRecord(other, sealed), undefined);
      const bit = at % (sealed.length * 8);
      sealed[bit >> 3] = (sealed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(openRecord(key, sealed), undefined);
    }),
  );
});
