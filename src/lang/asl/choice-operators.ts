/**
 * The comparisons of Choice rules. Each takes the variable and the expected value; values of another type than the
 * operator's never match (recorded for every pair of types).
 */
import { numberOf } from '../../base/exact-json.ts';
import type { Json } from '../../base/json.ts';
import type { Timestamp } from './timestamp.ts';
import { compareTimestamps, parseTimestamp } from './timestamp.ts';

export type Comparison = (variable: Json, expected: Json) => boolean;

type Relation = (difference: number) => boolean;

const RELATIONS: Readonly<Record<string, Relation>> = {
  Equals: (difference) => difference === 0,
  LessThan: (difference) => difference < 0,
  GreaterThan: (difference) => difference > 0,
  LessThanEquals: (difference) => difference <= 0,
  GreaterThanEquals: (difference) => difference >= 0,
};

function compareStrings(holds: Relation): Comparison {
  return (variable, expected) => {
    if (typeof variable !== 'string' || typeof expected !== 'string') return false;
    return holds(variable === expected ? 0 : variable < expected ? -1 : 1);
  };
}

function compareNumbers(holds: Relation): Comparison {
  return (variable, expected) => {
    const left = numberOf(variable);
    const right = numberOf(expected);
    return left !== undefined && right !== undefined && holds(left - right);
  };
}

function timestampOf(value: Json): Timestamp | undefined {
  return typeof value === 'string' ? parseTimestamp(value) : undefined;
}

function compareTimes(holds: Relation): Comparison {
  return (variable, expected) => {
    const left = timestampOf(variable);
    const right = timestampOf(expected);
    return left !== undefined && right !== undefined && holds(compareTimestamps(left, right));
  };
}

/** What the value of `Is...` operators says: that the test holds, or that it does not. */
function test(holds: (variable: Json) => boolean): Comparison {
  return (variable, expected) => holds(variable) === expected;
}

function comparisons(prefix: string, make: (relation: Relation) => Comparison): [string, Comparison][] {
  return Object.entries(RELATIONS).map(([suffix, relation]) => [prefix + suffix, make(relation)]);
}

const VALUE_OPERATORS: readonly (readonly [string, Comparison])[] = [
  ...comparisons('String', compareStrings),
  ...comparisons('Numeric', compareNumbers),
  ...comparisons('Timestamp', compareTimes),
  ['BooleanEquals', (variable, expected) => typeof variable === 'boolean' && variable === expected],
];

/** The 39 operators by name, but for IsPresent, which alone may look at a variable that is not there. */
export const COMPARISONS: ReadonlyMap<string, Comparison> = new Map([
  ...VALUE_OPERATORS,
  [
    'StringMatches',
    (variable, expected) =>
      typeof variable === 'string' && typeof expected === 'string' && matchesWildcards(variable, expected),
  ],
  ['IsNull', test((variable) => variable === null)],
  ['IsString', test((variable) => typeof variable === 'string')],
  ['IsNumeric', test((variable) => numberOf(variable) !== undefined)],
  ['IsBoolean', test((variable) => typeof variable === 'boolean')],
  ['IsTimestamp', test((variable) => timestampOf(variable) !== undefined)],
]);

/** Operators whose expected value may be read from the input: `StringEqualsPath` for `StringEquals`. */
export const PATH_COMPARISONS: ReadonlyMap<string, Comparison> = new Map(
  VALUE_OPERATORS.map(([name, comparison]) => [`${name}Path`, comparison]),
);

/** Whether a literal is of the type that the operator compares. */
export function isOperatorValue(operator: string, value: Json): boolean {
  if (operator.startsWith('Is') || operator === 'BooleanEquals') return typeof value === 'boolean';
  if (operator.startsWith('Numeric')) return typeof value === 'number';
  if (operator.startsWith('Timestamp')) return timestampOf(value) !== undefined;
  return typeof value === 'string';
}

/**
 * `*` matches any characters, `\\*` and `\\\\` themselves. The pieces between wildcards are sought one after the
 * other, each where it first occurs, so the time is linear in text and pattern whatever both hold.
 */
export function matchesWildcards(text: string, pattern: string): boolean {
  const [first = '', ...rest] = patternPieces(pattern);
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let position = first.length;
  for (const piece of rest) {
    const found = indexOf(text, piece, position);
    if (found === -1) return false;
    position = found + piece.length;
  }
  return text.length - last.length >= position && text.endsWith(last);
}

/** The literal texts before, between and after the wildcards. */
function patternPieces(pattern: string): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern.charAt(index);
    const next = pattern.charAt(index + 1);
    if (character === '\\' && (next === '*' || next === '\\')) {
      piece += next;
      index += 1;
    } else if (character === '*') {
      pieces.push(piece);
      piece = '';
    } else {
      piece += character;
    }
  }
  return [...pieces, piece];
}

/** Short pieces are sought by the engine, whose worst case is the product of both lengths. */
const NATIVE_SEARCH_LENGTH_MAX = 32;

/** `text.indexOf(piece, from)` in linear time (Knuth, Morris and Pratt). */
function indexOf(text: string, piece: string, from: number): number {
  if (piece.length <= NATIVE_SEARCH_LENGTH_MAX) return text.indexOf(piece, from);
  const borders = borderLengths(piece);
  let matched = 0;
  for (let index = from; index < text.length; index += 1) {
    while (matched > 0 && text[index] !== piece[matched]) matched = borders[matched - 1] ?? 0;
    if (text[index] === piece[matched]) matched += 1;
    if (matched === piece.length) return index + 1 - matched;
  }
  return -1;
}

/** For each prefix of the piece, the length of its longest proper prefix that is also its suffix. */
function borderLengths(piece: string): readonly number[] {
  const borders = [0];
  let length = 0;
  for (let index = 1; index < piece.length; index += 1) {
    while (length > 0 && piece[index] !== piece[length]) length = borders[length - 1] ?? 0;
    if (piece[index] === piece[length]) length += 1;
    borders.push(length);
  }
  return borders;
}
