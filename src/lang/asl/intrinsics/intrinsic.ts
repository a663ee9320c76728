/** What an intrinsic function is, and the checks of arguments that many of them share. */
import { numberOf } from '../../../base/exact-json.ts';
import type { Json } from '../../../base/json.ts';
import type { Random } from '../../../base/random.ts';

export interface Intrinsic {
  readonly argumentCountMin: number;
  readonly argumentCountMax: number;
  /** `values` has an allowed number of entries. Throws `IntrinsicError`. */
  readonly apply: (values: readonly Json[], random: Random) => Json;
}

/** An argument that the function cannot work with. */
export class IntrinsicError extends Error {
  override readonly name = 'IntrinsicError';
}

/** A text is at most this long where AWS limits it (Base64 and Hash functions). */
const TEXT_LENGTH_MAX = 10_000;

export function requireArray(value: Json | undefined): readonly Json[] {
  if (Array.isArray(value)) return value as readonly Json[];
  throw new IntrinsicError(`The argument must be an array but was ${JSON.stringify(value)}`);
}

export function requireString(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  throw new IntrinsicError(`The argument must be a string but was ${JSON.stringify(value)}`);
}

export function requireNumber(value: Json | undefined): number {
  const number = numberOf(value);
  if (number !== undefined) return number;
  throw new IntrinsicError(`The argument must be a number but was ${JSON.stringify(value)}`);
}

export function requireShortText(value: Json | undefined): string {
  const text = requireString(value);
  if (text.length > TEXT_LENGTH_MAX) {
    throw new IntrinsicError(`The argument must be no more than ${TEXT_LENGTH_MAX} characters`);
  }
  return text;
}

/** Rounds half up, towards positive infinity: 1.5 -> 2, -1.5 -> -1 (recorded). Never yields -0. */
export function roundHalfUp(value: number): number {
  return Math.floor(value + 0.5) + 0;
}
