/**
 * The comparisons of Choice rules. Each takes the variable and the expected value; values of another type than the
 * operator's never match (recorded for every pair of types).
 */
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
  return (variable, expected) =>
    typeof variable === 'number' && typeof expected === 'number' && holds(variable - expected);
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
  ['IsNumeric', test((variable) => typeof variable === 'number')],
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
 * `*` matches any characters, `\*` and `\\` themselves. Two cursors and one point to return to: linear in the text
 * for each wildcard, never exponential.
 */
export function matchesWildcards(text: string, pattern: string): boolean {
  const parts = patternParts(pattern);
  let position = 0;
  let part = 0;
  let starPart = -1;
  let starPosition = 0;
  while (position < text.length) {
    if (part < parts.length && parts[part] === WILDCARD) {
      starPart = part;
      starPosition = position;
      part += 1;
    } else if (part < parts.length && parts[part] === text[position]) {
      part += 1;
      position += 1;
    } else if (starPart !== -1) {
      starPosition += 1;
      position = starPosition;
      part = starPart + 1;
    } else {
      return false;
    }
  }
  return parts.slice(part).every((rest) => rest === WILDCARD);
}

const WILDCARD = Symbol('*');

function patternParts(pattern: string): readonly (string | typeof WILDCARD)[] {
  const parts: (string | typeof WILDCARD)[] = [];
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern.charAt(index);
    const next = pattern.charAt(index + 1);
    if (character === '\\' && (next === '*' || next === '\\')) {
      parts.push(next);
      index += 1;
    } else {
      parts.push(character === '*' ? WILDCARD : character);
    }
  }
  return parts;
}
