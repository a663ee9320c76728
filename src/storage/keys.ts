/**
 * Order-preserving keys: the parts of a key sort as a tuple. Text parts end with a zero byte, so that a shorter
 * text sorts before a longer one that starts with it; zero bytes inside are escaped. Numbers are 8 bytes.
 */
import { invariant } from '../base/assert.ts';
import type { Key } from './store.ts';

export type KeyPart = string | number;

const END = '\u0000';
const ESCAPED_END = '\u0000\u00ff';
/**
 * Sorts after all that may follow a part: UTF-8 has no byte 0xff, and numbers start below it. It is not after the
 * rest of an escaped zero byte, which belongs to a longer text and not to this prefix.
 */
const AFTER_PARTS = '\u00ff';

// eslint-disable-next-line no-control-regex -- the range is the ASCII characters that need no escaping
const PLAIN = /^[\u0001-\u007f]*$/;

function encodeText(text: string): string {
  if (PLAIN.test(text)) return text + END;
  const bytes = Buffer.from(text, 'utf8').toString('latin1');
  return bytes.replaceAll(END, ESCAPED_END) + END;
}

/** 8 bytes, big end first, for whole numbers from 0 to 2^53-1. */
function encodeNumber(value: number): string {
  invariant(
    Number.isSafeInteger(value) && value >= 0,
    'a number in a key is a whole number from 0 to 2^53-1',
  );
  const high = Math.floor(value / 2 ** 32);
  const low = value >>> 0;
  return String.fromCharCode(
    (high >>> 24) & 255,
    (high >>> 16) & 255,
    (high >>> 8) & 255,
    high & 255,
    low >>> 24,
    (low >>> 16) & 255,
    (low >>> 8) & 255,
    low & 255,
  );
}

/** The key of a tuple. Comparing two keys of the same shape compares their parts from left to right. */
export function key(...parts: readonly KeyPart[]): Key {
  let text = '';
  for (const part of parts) text += typeof part === 'number' ? encodeNumber(part) : encodeText(part);
  return text;
}

/** The parts of a key made by `key`, given the kind of each. */
export function keyParts(encoded: Key, kinds: readonly ('text' | 'number')[]): KeyPart[] {
  const parts: KeyPart[] = [];
  let offset = 0;
  for (const kind of kinds) {
    if (kind === 'number') {
      parts.push(decodeNumber(encoded, offset));
      offset += 8;
    } else {
      const end = textEnd(encoded, offset);
      const bytes = encoded.slice(offset, end).replaceAll(ESCAPED_END, END);
      parts.push(PLAIN.test(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8'));
      offset = end + 1;
    }
  }
  return parts;
}

function decodeNumber(encoded: Key, offset: number): number {
  let value = 0;
  for (let index = offset; index < offset + 8; index += 1) value = value * 256 + encoded.charCodeAt(index);
  return value;
}

function textEnd(encoded: Key, offset: number): number {
  let end = encoded.indexOf(END, offset);
  while (end !== -1 && encoded[end + 1] === '\u00ff') end = encoded.indexOf(END, end + 2);
  invariant(end !== -1, 'a text part of a key ends with a zero byte');
  return end;
}

/** The range of all keys whose first parts are those of `prefix`, for `Store.range`. */
export function prefixRange(prefix: Key): [from: Key, to: Key] {
  return [prefix, prefix + AFTER_PARTS];
}
