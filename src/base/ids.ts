/** Identifiers in the shapes that AWS uses, each made from a given source of randomness. */
import type { Random } from './random.ts';

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hex32(value: number): string {
  return `${HEX[value >>> 24]}${HEX[(value >>> 16) & 255]}${HEX[(value >>> 8) & 255]}${HEX[value & 255]}`;
}

/** A version 4 UUID, as for event ids, message ids and request ids. */
export function uuid(random: Random): string {
  const first = hex32(random.uint32());
  const second = hex32((random.uint32() & 0xffff0fff) | 0x4000);
  const third = hex32((random.uint32() & 0x3fffffff) | 0x80000000);
  const fourth = hex32(random.uint32());
  return `${first}-${second.slice(0, 4)}-${second.slice(4)}-${third.slice(0, 4)}-${third.slice(4)}${fourth}`;
}

/** `length` characters of `alphabet`, whose size should be a power of two to stay unbiased. */
export function randomText(random: Random, length: number, alphabet: string): string {
  let text = '';
  for (let index = 0; index < length; index += 1) text += alphabet[random.uint32() % alphabet.length];
  return text;
}

const BASE32_UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** An id like `AROAJ4QXZL7EXAMPLEID2`: a four-letter prefix and 17 characters, as IAM and STS make them. */
export function iamId(random: Random, prefix: string): string {
  return prefix + randomText(random, 17, BASE32_UPPER);
}
