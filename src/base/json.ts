/**
 * JSON made by users. `JSON.parse` accepts five million levels of nesting and then `JSON.stringify`, or any
 * recursion of ours, overflows the stack: so depth is counted on the text before it is parsed.
 */
import { AwsError } from './errors.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** Levels of nesting that any JSON from outside may have. EventBridge documents the same bound. */
export const JSON_DEPTH_MAX = 1000;

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const COMMA = 44;

/** The deepest nesting of brackets in a JSON text, strings skipped; stops counting once past `depthMax`. */
export function jsonDepth(text: string, depthMax: number = JSON_DEPTH_MAX): number {
  // Each level needs a bracket of its own, so short texts cannot be too deep.
  let depth = 0;
  let deepest = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) {
      index = skipString(text, index);
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1;
      if (depth > deepest) deepest = depth;
      if (deepest > depthMax) return deepest;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth -= 1;
    }
  }
  return deepest;
}

/** The index of the quote that ends the string starting at `index`, or the end of the text. */
function skipString(text: string, index: number): number {
  for (let end = text.indexOf('"', index + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}

/** True when the text nests deeper than `depthMax`. Texts with few brackets are answered without a scan. */
export function isTooDeep(text: string, depthMax: number = JSON_DEPTH_MAX): boolean {
  return text.length > 2 * depthMax && jsonDepth(text, depthMax) > depthMax;
}

/** Parses JSON from outside. Throws `SyntaxError` for malformed text and `AwsError` for nesting past the bound. */
export function parseJson(text: string, depthMax: number = JSON_DEPTH_MAX): Json {
  if (isTooDeep(text, depthMax)) {
    throw new AwsError('SerializationException', `JSON is nested deeper than ${depthMax} levels.`);
  }
  return JSON.parse(text) as Json;
}

/**
 * The texts of the elements of a JSON array, as they stand: numbers that JavaScript cannot hold, key order and
 * duplicate keys survive. The text must be valid JSON (it has been parsed); `undefined` when it is no array.
 */
export function splitJsonArray(text: string): string[] | undefined {
  const trimmed = text.trim();
  if (trimmed.charCodeAt(0) !== OPEN_BRACKET) return undefined;
  const elements: string[] = [];
  let depth = 0;
  let start = 1;
  for (let index = 0; index < trimmed.length; index += 1) {
    const code = trimmed.charCodeAt(index);
    if (code === QUOTE) index = skipString(trimmed, index);
    else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth += 1;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth -= 1;
    if ((code === COMMA && depth === 1) || depth === 0) {
      const element = trimmed.slice(start, index).trim();
      if (element !== '') elements.push(element);
      start = index + 1;
    }
  }
  return elements;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Deep equality of two JSON values; the order of an object's keys does not count. */
export function jsonEquals(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return (
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => jsonEquals(item, b[index] as Json))
    );
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && jsonEquals(a[key] as Json, b[key] as Json))
  );
}
