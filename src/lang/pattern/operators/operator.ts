/** What every operator of the pattern language gives: a test, and the keys under which an index may find it. */
import type { Leaf } from '../leaf.ts';
import type { PatternReader } from '../reader.ts';

/**
 * A key that every value satisfying the operator has, so that an index can go from an event's value to the rules
 * that may want it. `present` is the weakest: some value is there.
 */
export type Anchor =
  | { readonly kind: 'string' | 'literal' | 'ip' | 'prefix' | 'suffix' | 'folded'; readonly text: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'present' };

export interface Operator {
  test(leaf: Leaf): boolean;
  readonly anchor: Anchor;
  /** The texts of wildcards inside, which AWS counts against a limit of complexity. */
  readonly wildcards?: readonly string[];
}

/** Parses an operator whose name is the reader's current key, up to the end of its value. */
export type OperatorParser = (reader: PatternReader) => Operator;

export const PRESENT: Anchor = { kind: 'present' };

/** Reads the string that is the value of an operator. */
export function requireString(reader: PatternReader, name: string): string {
  if (reader.next() !== 'string') reader.fail(`${name} match pattern must be a string`);
  return reader.text();
}

/** Ends the object around an operator. */
export function requireOnlyKey(reader: PatternReader): void {
  if (reader.next() !== 'object-end') reader.fail('Only one key allowed in match expression');
}

/** Ends a numeric or anything-but expression; AWS says "numeric" for both. */
export function requireNoMore(reader: PatternReader, end: 'object-end' | 'array-end'): void {
  if (reader.next() !== end) reader.fail('Too many elements in numeric expression');
}
