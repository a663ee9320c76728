import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  addDecimals,
  compareDecimals,
  compareNumberTexts,
  type Decimal,
  decimalRangeError,
  formatDecimal,
  fromCanonical,
  negateDecimal,
  parseDecimal,
} from './decimal.ts';

/** Decimals in range, as a coefficient and the power of ten of its last digit: the oracle computes with both. */
const scaled = fc.record({
  coefficient: fc.bigInt({ min: -(10n ** 38n - 1n), max: 10n ** 38n - 1n }),
  scale: fc.integer({ min: -130, max: 88 }),
});

function toText({ coefficient, scale }: { coefficient: bigint; scale: number }): string {
  return `${coefficient}E${scale}`;
}

function parsed(text: string): Decimal {
  const decimal = parseDecimal(text);
  assert.ok(decimal !== undefined, text);
  return decimal;
}

function canonical(text: string): string {
  return formatDecimal(parsed(text));
}

suite('decimal', () => {
  test('numbers are answered in plain notation without zeros that say nothing', () => {
    const cases: [string, string][] = [
      ['0', '0'],
      ['-0.00', '0'],
      ['0e999', '0'],
      ['0012', '12'],
      ['+5', '5'],
      ['1.50', '1.5'],
      ['.5', '0.5'],
      ['5.', '5'],
      ['1E3', '1000'],
      ['-1.23e-4', '-0.000123'],
      ['12345678901234567890123456789012345678', '12345678901234567890123456789012345678'],
      ['9.9E+2', '990'],
    ];
    for (const [text, expected] of cases) assert.equal(canonical(text), expected, text);
  });

  test('what is no number is none', () => {
    for (const text of [
      '',
      '.',
      '-',
      'e5',
      '1e',
      'NaN',
      'Infinity',
      '0x10',
      '1 ',
      ' 1',
      '1_000',
      '--1',
      '1e1.5',
    ]) {
      assert.equal(parseDecimal(text), undefined, JSON.stringify(text));
    }
  });

  test('the range is 1E-130 to 9.99E+125 with 38 digits, on both sides of zero', () => {
    for (const sign of ['', '-']) {
      for (const text of ['1E-130', '9.9999999E125', `${'9'.repeat(38)}E88`, '1E125']) {
        assert.equal(decimalRangeError(parsed(sign + text)), undefined, text);
      }
      assert.match(decimalRangeError(parsed(`${sign}1E126`)) ?? '', /^Number overflow\./);
      assert.match(decimalRangeError(parsed(`${sign}0.9E-130`)) ?? '', /^Number underflow\./);
      assert.match(decimalRangeError(parsed(sign + '1'.repeat(39))) ?? '', /more than 38 significant digits/);
    }
  });

  test('a sum is the exact one', () => {
    fc.assert(
      fc.property(scaled, scaled, (a, b) => {
        const scale = Math.min(a.scale, b.scale);
        const sum =
          a.coefficient * 10n ** BigInt(a.scale - scale) + b.coefficient * 10n ** BigInt(b.scale - scale);
        const found = addDecimals(parsed(toText(a)), parsed(toText(b)));
        assert.equal(formatDecimal(found), canonical(toText({ coefficient: sum, scale })));
      }),
    );
  });

  test('a number and its negation add up to zero', () => {
    fc.assert(
      fc.property(scaled, (a) => {
        const decimal = parsed(toText(a));
        assert.equal(addDecimals(decimal, negateDecimal(decimal)).sign, 0);
      }),
    );
  });

  test('numbers compare by value', () => {
    fc.assert(
      fc.property(scaled, scaled, (a, b) => {
        const scale = Math.min(a.scale, b.scale);
        const difference =
          a.coefficient * 10n ** BigInt(a.scale - scale) - b.coefficient * 10n ** BigInt(b.scale - scale);
        const expected = difference < 0n ? -1 : Number(difference > 0n);
        assert.equal(Math.sign(compareDecimals(parsed(toText(a)), parsed(toText(b)))), expected);
        const texts = [canonical(toText(a)), canonical(toText(b))] as const;
        assert.equal(Math.sign(compareNumberTexts(...texts)), expected);
      }),
    );
  });

  test('whole numbers that a double holds take the short way and compare alike', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), (a, b) => {
        assert.equal(Math.sign(compareNumberTexts(String(a), String(b))), Math.sign(a - b));
      }),
    );
  });

  test('the canonical text says the number again', () => {
    fc.assert(
      fc.property(scaled, (a) => {
        const decimal = parsed(toText(a));
        assert.deepEqual(fromCanonical(formatDecimal(decimal)), decimal);
      }),
    );
  });
});
