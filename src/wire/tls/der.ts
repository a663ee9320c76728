/** Writes DER, the encoding of certificates (X.690), as far as `certificate.ts` needs it. It never reads any. */

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Of a tag that a structure defines for itself; the second is of one that holds other values. */
const CONTEXT_TAG = 0x80;
const CONSTRUCTED_CONTEXT_TAG = 0xa0;

function value(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.of(tag), lengthOf(content), content]);
}

/** One byte up to 127; above it a byte with the number of those that follow. */
function lengthOf({ length }: Buffer): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const bytes = bigEndian(length);
  return Buffer.concat([Buffer.of(0x80 | bytes.length), bytes]);
}

function bigEndian(number: number): Buffer {
  const hex = number.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
}

export function sequence(...members: readonly Uint8Array[]): Buffer {
  return value(TAG.sequence, ...members);
}

export function set(...members: readonly Uint8Array[]): Buffer {
  return value(TAG.set, ...members);
}

export function boolean(isTrue: boolean): Buffer {
  return value(TAG.boolean, Buffer.of(isTrue ? 0xff : 0));
}

/** A positive number, the most significant byte first. The first byte must not be zero. */
export function integer(bytes: Uint8Array): Buffer {
  const isNegative = ((bytes[0] ?? 0) & 0x80) !== 0;
  return value(TAG.integer, ...(isNegative ? [Buffer.of(0)] : []), bytes);
}

export function octetString(bytes: Uint8Array): Buffer {
  return value(TAG.octetString, bytes);
}

/** `unusedBits` of the last byte do not count. */
export function bitString(bytes: Uint8Array, unusedBits = 0): Buffer {
  return value(TAG.bitString, Buffer.of(unusedBits), bytes);
}

export function utf8String(text: string): Buffer {
  return value(TAG.utf8String, Buffer.from(text));
}

/** `1.2.840.10045.4.3.2`: the first two numbers share a byte, the others are in base 128. */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number);
  const bytes = others.flatMap((number) => {
    const digits = [number & 0x7f];
    for (let rest = number >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 0x7f) | 0x80);
    return digits;
  });
  return value(TAG.objectId, Buffer.of(first * 40 + second, ...bytes));
}

/** `isoSeconds` such as `2026-01-31T09:05:07Z`. Certificates write years up to 2049 with two digits (RFC 5280, 4.1.2.5). */
export function time(isoSeconds: string): Buffer {
  const digits = isoSeconds.replaceAll(/[-:T]/g, '');
  return digits < '2050'
    ? value(TAG.utcTime, Buffer.from(digits.slice(2)))
    : value(TAG.generalizedTime, Buffer.from(digits));
}

/** A value in the place of another tag, such as `[0]`. */
export function context(number: number, content: Uint8Array): Buffer {
  return value(CONTEXT_TAG | number, content);
}

/** Values within a tag of their own, such as `[3]`. */
export function explicit(number: number, ...members: readonly Uint8Array[]): Buffer {
  return value(CONSTRUCTED_CONTEXT_TAG | number, ...members);
}
