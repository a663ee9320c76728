import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeHead, decodeRecord, encodeRecord } from './codec.ts';

test('a record comes back with its head and its texts, character for character', () => {
  const head = fc.dictionary(
    fc.string(),
    fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
  );
  fc.assert(
    fc.property(head, fc.array(fc.string({ unit: 'binary' })), (fields, texts) => {
      const plain = JSON.parse(JSON.stringify(fields)) as object;
      assert.deepEqual(decodeRecord(encodeRecord(plain, ...texts)), { head: plain, texts });
      assert.deepEqual(decodeHead(encodeRecord(plain, ...texts)), plain);
    }),
  );
});

test('a record of a version that nobody knows is refused', () => {
  const bytes = Buffer.from(encodeRecord({ a: 1 }));
  bytes[0] = 2;
  assert.throws(() => decodeRecord(bytes), /version 2/);
});
