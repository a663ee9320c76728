import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OrderedMap } from './ordered-map.ts';

test('an ordered map walks its keys as a sorted map would, whatever was set and deleted before', () => {
  const anyKey = fc.integer({ min: 0, max: 3000 }).map((number) => String(number));
  const step = fc.tuple(fc.constantFrom('set', 'set', 'delete', 'walk'), anyKey, anyKey, fc.boolean());
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), fc.integer({ min: 0, max: 3000 }), (steps, filled) => {
      const map = new OrderedMap<number>();
      const model = new Map<string, number>();
      // Enough keys for several chunks, so that they split, are swept and vanish.
      for (let number = 0; number < filled; number += 1) {
        const key = String((number * 7919) % 3001);
        map.set(key, number);
        model.set(key, number);
        if (number % 3 === 0) assert.equal(map.delete(String(number)), model.delete(String(number)));
      }
      for (const [kind, a, b, reverse] of steps) {
        if (kind === 'set') {
          map.set(a, b.length);
          model.set(a, b.length);
        } else if (kind === 'delete') {
          assert.equal(map.delete(a), model.delete(a));
        } else {
          const expected = [...model.keys()].filter((key) => key >= a && key < b).toSorted();
          assert.deepEqual([...map.keys(a, b, reverse)], reverse ? expected.toReversed() : expected);
        }
      }
      assert.deepEqual([...map.keys('', ':')], [...model.keys()].toSorted());
      assert.equal(map.size, model.size);
    }),
    { numRuns: 60 },
  );
});
