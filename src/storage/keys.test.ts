import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { key, keyParts, prefixRange } from './keys.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 8 });
const anyNumber = fc.oneof(fc.nat(300), fc.maxSafeNat());

/** Code point order, which is the order of UTF-8 bytes; JavaScript's own compares halves of surrogate pairs. */
function compareTexts(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

test('keys sort as the tuples that they were made of', () => {
  fc.assert(
    fc.property(anyText, anyNumber, anyText, anyNumber, (textA, numberA, textB, numberB) => {
      const expected = compareTexts(textA, textB) || Math.sign(numberA - numberB);
      const [a, b] = [key(textA, numberA), key(textB, numberB)];
      assert.equal(a < b ? -1 : a > b ? 1 : 0, expected);
    }),
    { numRuns: 2000 },
  );
});

test('the parts of a key come back, with zero bytes and every character', () => {
  fc.assert(
    fc.property(anyText, anyNumber, anyText, (a, number, b) => {
      assert.deepEqual(keyParts(key(a, number, b), ['text', 'number', 'text']), [a, number, b]);
    }),
  );
});

test('keys are made of characters up to 255, so that they are bytes', () => {
  fc.assert(
    fc.property(anyText, anyNumber, (text, number) => {
      const encoded = key(text, number);
      assert.equal(Buffer.from(encoded, 'latin1').toString('latin1'), encoded);
    }),
  );
});

test('a prefix range holds the keys that start with the prefix and no others', () => {
  fc.assert(
    fc.property(anyText, anyText, anyText, (prefix, rest, other) => {
      const [from, to] = prefixRange(key(prefix));
      const inside = key(prefix, rest);
      assert.ok(inside >= from && inside < to);
      const outside = key(other, rest);
      assert.equal(outside >= from && outside < to, prefix === other);
    }),
  );
});

test('a number that a key cannot hold in order is refused', () => {
  for (const number of [-1, 0.5, Number.MAX_SAFE_INTEGER + 1, Number.NaN]) assert.throws(() => key(number));
});
