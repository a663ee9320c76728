import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Heap } from './heap.ts';

const ascending = (a: number, b: number): number => a - b;

test('a heap hands out what was put in, the smallest first', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (items) => {
      const heap = new Heap<number>(ascending);
      for (const item of items) heap.push(item);
      assert.equal(heap.size, items.length);
      const out = items.map(() => heap.pop());
      assert.deepEqual(out, items.toSorted(ascending));
      assert.equal(heap.pop(), undefined);
    }),
  );
});

test('a heap always shows the smallest of what is in it, whatever is put in and taken out in between', () => {
  // A number is put in; undefined takes one out.
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(20), { nil: undefined })), (steps) => {
      const heap = new Heap<number>(ascending);
      let model: number[] = [];
      for (const step of steps) {
        if (step === undefined) {
          assert.equal(heap.pop(), model[0]);
          model = model.slice(1);
        } else {
          heap.push(step);
          model = [...model, step].toSorted(ascending);
        }
        assert.equal(heap.peek(), model[0]);
        assert.equal(heap.size, model.length);
      }
    }),
  );
});

test('a heap of which only some are kept gives out those in order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), fc.nat(20), (items, limit) => {
      const heap = new Heap<number>(ascending);
      for (const item of items) heap.push(item);
      heap.retain((item) => item <= limit);
      const kept = items.filter((item) => item <= limit).toSorted(ascending);
      assert.equal(heap.size, kept.length);
      assert.deepEqual(
        kept.map(() => heap.pop()),
        kept,
      );
    }),
  );
});
