import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { compareValues } from './attribute-value.ts';
import { encodeKeyValue, encodeNumberKey } from './key-encoding.ts';
import { normalizeNumber } from './normalize.ts';

function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

const numberText = fc
  .record({
    coefficient: fc.bigInt({ min: -(10n ** 38n - 1n), max: 10n ** 38n - 1n }),
    scale: fc.integer({ min: -130, max: 88 }),
  })
  .map(({ coefficient, scale }) => normalizeNumber(`${coefficient}E${scale}`));

/** Numbers that are near each other, where an encoding goes wrong first. */
const nearNumberText = fc
  .tuple(fc.integer({ min: -2000, max: 2000 }), fc.integer({ min: -3, max: 3 }))
  .map(([coefficient, scale]) => normalizeNumber(`${coefficient}E${scale}`));

suite('key encoding', () => {
  test('numbers sort by value, and only equal ones are equal', () => {
    const number = fc.oneof(numberText, nearNumberText);
    fc.assert(
      fc.property(number, number, (a, b) => {
        const order = Math.sign(compareUtf8(encodeNumberKey(a), encodeNumberKey(b)));
        assert.equal(order, Math.sign(compareValues({ N: a }, { N: b }) ?? Number.NaN), `${a} and ${b}`);
      }),
      { numRuns: 2000 },
    );
  });

  test('a list of hard numbers sorts', () => {
    const sorted = [
      '-1E125',
      '-10',
      '-9.99',
      '-1.25',
      '-1.2',
      '-1',
      '-1E-130',
      '0',
      '1E-130',
      '1',
      '1.2',
      '1.25',
      '9.99',
      '10',
      '1E125',
    ];
    const encoded = sorted.map((text) => encodeNumberKey(normalizeNumber(text)));
    assert.deepEqual(encoded.toSorted(compareUtf8), encoded);
    assert.match(encoded.join(''), /^[\u0020-\u007e]*$/, 'nothing that the store has to escape');
  });

  test('texts sort by their UTF-8 bytes, beyond the basic plane too', () => {
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(text, text, (a, b) => {
        const order = Math.sign(compareUtf8(encodeKeyValue({ S: a }) ?? '', encodeKeyValue({ S: b }) ?? ''));
        assert.equal(order, Math.sign(compareValues({ S: a }, { S: b }) ?? Number.NaN));
      }),
    );
    // In UTF-16 the first of these sorts before the second.
    assert.ok((compareValues({ S: '\u{1F600}' }, { S: '\uFF5E' }) ?? 0) > 0);
  });

  test('binaries sort by their bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 6 });
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        const order = Math.sign(compareUtf8(encodeKeyValue({ B: a }) ?? '', encodeKeyValue({ B: b }) ?? ''));
        assert.equal(order, Math.sign(Buffer.compare(a, b)));
      }),
    );
  });

  test('other types are no keys', () => {
    assert.equal(encodeKeyValue({ BOOL: true }), undefined);
    assert.equal(encodeKeyValue({ SS: ['a'] }), undefined);
  });
});
