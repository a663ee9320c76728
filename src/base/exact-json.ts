/**
 * JSON with numbers that JavaScript cannot hold: 64-bit ids, decimals of many digits, exponents past the range. Such
 * a number is kept as an *exact number*, an opaque value that prints as the text it came in. All other values are as
 * `JSON.parse` makes them, so that most documents pay one scan of their text and nothing else.
 */
import type { Json, JsonObject } from './json.ts';
import { isJsonObject, parseJson } from './json.ts';

/** What TypeScript does not declare yet of JSON.parse with source text access (ECMAScript 2026, in Node since 22). */
interface JsonWithSource {
  parse(
    text: string,
    reviver: (key: string, value: Json, context: { readonly source?: string }) => Json,
  ): Json;
  rawJSON(text: string): JsonObject;
  isRawJSON(value: unknown): boolean;
}

const JSON_WITH_SOURCE = JSON as unknown as JsonWithSource;

/** Significant decimal digits that a double holds for certain. */
const DIGITS_HELD = 15;

/** 16 digits (a point among them or not), or an exponent of three, which may be out of range. */
const MAY_HOLD_EXACT_NUMBER = /\d[\d.]{15}|\d[eE][+-]?\d{3}/;

/** Like `parseJson`, but keeps numbers that JavaScript cannot hold. Throws the same errors. */
export function parseExactJson(text: string): Json {
  if (!MAY_HOLD_EXACT_NUMBER.test(text)) return parseJson(text);
  // The first parse checks the depth; such texts are rare enough to be parsed twice.
  parseJson(text);
  return JSON_WITH_SOURCE.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && !isHeld(value, source)
      ? JSON_WITH_SOURCE.rawJSON(source)
      : value,
  );
}

/** Whether a double stands for the very number that `source` writes. */
function isHeld(value: number, source: string): boolean {
  if (String(value) === source) return true;
  const [mantissa = ''] = source.split(/[eE]/);
  const digits = mantissa.replaceAll(/\D/g, '').replace(/^0+/, '');
  if (value === 0 || !Number.isFinite(value)) return digits === '';
  return digits.length <= DIGITS_HELD;
}

export function isExactNumber(value: unknown): boolean {
  return JSON_WITH_SOURCE.isRawJSON(value);
}

/** Like `isJsonObject`, but an exact number is no object. */
export function isPlainObject(value: unknown): value is JsonObject {
  return isJsonObject(value) && !isExactNumber(value);
}

/** The number that a value is, rounded to what JavaScript can hold; `undefined` when it is no number. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return isExactNumber(value) ? Number(JSON.stringify(value)) : undefined;
}
