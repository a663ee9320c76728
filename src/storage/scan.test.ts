import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createMemoryStore } from './memory/store.ts';
import { scan } from './scan.ts';
import type { RangeOptions } from './store.ts';

test('a scan gives what one read of the range would, in either direction, however much it reads at once', () => {
  const keys = fc.uniqueArray(
    fc.string({ unit: fc.constantFrom('\u0000', 'a', 'b'), minLength: 1, maxLength: 4 }),
  );
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 4 }), fc.boolean(), (given, countPerRead, reverse) => {
      const store = createMemoryStore();
      store.commit({ puts: given.map((key) => ({ key, value: Buffer.from(key) })), deletes: [] });
      const found = [...scan(store, ['a', 'b'], { countPerRead, reverse })];
      assert.deepEqual(found, store.range('a', 'b', { reverse }));
    }),
  );
});

test('a scan never asks for more than it was told', () => {
  const store = createMemoryStore();
  const puts = Array.from({ length: 1000 }, (_, index) => ({
    key: `k${String(index).padStart(4, '0')}`,
    value: Buffer.alloc(0),
  }));
  store.commit({ puts, deletes: [] });
  let largest = 0;
  const range = (from: string, to: string, options?: RangeOptions) => {
    const entries = store.range(from, to, options);
    largest = Math.max(largest, entries.length);
    return entries;
  };
  assert.equal([...scan({ range }, ['', '~'])].length, 1000);
  assert.ok(largest <= 128, String(largest));
});
