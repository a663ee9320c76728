/**
 * Key attributes as texts whose UTF-8 bytes sort as DynamoDB sorts the values: texts by their bytes, binaries by
 * theirs, numbers by value. A key of the store is made of them, so that a Query is one range of it. Numbers come
 * out as digits and a few signs, which the store's keys hold without escaping.
 */
import type { AttributeValue } from './attribute-value.ts';
import { fromCanonical } from './decimal.ts';

/** Makes every exponent (-130 to 125) three digits. */
const EXPONENT_BIAS = 500;

/** `<` sorts before `=` before `>`: negative, zero, positive. */
const NEGATIVE = '<';
const ZERO = '=';
const POSITIVE = '>';

/** Sorts after any digit: of two negative numbers that begin alike the one with more digits is the smaller. */
const AFTER_DIGITS = '~';

function complement(digits: string): string {
  let text = '';
  for (const digit of digits) text += 9 - Number(digit);
  return text;
}

/** A canonical number as text that sorts by value. */
export function encodeNumberKey(canonical: string): string {
  const { sign, digits, exponent } = fromCanonical(canonical);
  if (sign === 0) return ZERO;
  const magnitude = `${exponent + EXPONENT_BIAS}${digits}`;
  return sign > 0 ? POSITIVE + magnitude : NEGATIVE + complement(magnitude) + AFTER_DIGITS;
}

/** A key attribute (canonical; S, N or B) as text that sorts as DynamoDB sorts it; `undefined` for other types. */
export function encodeKeyValue(value: AttributeValue): string | undefined {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return encodeNumberKey(value.N);
  // One character a byte: code points sort as the bytes do.
  if (value.B !== undefined) return Buffer.from(value.B).toString('latin1');
  return undefined;
}
