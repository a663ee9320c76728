import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Fifo } from './fifo.ts';

test('a line gives back what was pushed, in its order, and knows how much is in it', () => {
  // A number is pushed; undefined takes one.
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(), { nil: undefined })), (steps) => {
      const line = new Fifo<number>();
      const model: number[] = [];
      for (const step of steps) {
        if (step === undefined) {
          assert.equal(line.take(), model.shift());
        } else {
          line.push(step);
          model.push(step);
        }
        assert.equal(line.size, model.length);
      }
    }),
  );
});
