/** The functions that may end a path, as Jayway defines them. They apply to the value (or list) that it selects. */
import type { Json } from '../../base/json.ts';
import { isPlainObject } from '../../base/exact-json.ts';
import { JsonPathError } from './errors.ts';

type PathFunction = (value: Json) => Json;

function numbersOf(value: Json): readonly number[] {
  const numbers = Array.isArray(value) ? value.filter((item) => typeof item === 'number') : [];
  if (numbers.length === 0)
    throw new JsonPathError('Aggregation function attempted to calculate value using empty array');
  return numbers;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function average(numbers: readonly number[]): number {
  return sum(numbers) / numbers.length;
}

function lengthOf(value: Json): Json {
  if (Array.isArray(value) || typeof value === 'string') return value.length;
  return isPlainObject(value) ? Object.keys(value).length : null;
}

const FUNCTIONS: ReadonlyMap<string, PathFunction> = new Map<string, PathFunction>([
  ['length', lengthOf],
  ['size', lengthOf],
  ['keys', (value) => (isPlainObject(value) ? Object.keys(value) : null)],
  ['min', (value) => numbersOf(value).reduce((least, number) => Math.min(least, number))],
  ['max', (value) => numbersOf(value).reduce((most, number) => Math.max(most, number))],
  ['sum', (value) => sum(numbersOf(value))],
  ['avg', (value) => average(numbersOf(value))],
  [
    'stddev',
    (value) => {
      const numbers = numbersOf(value);
      return Math.sqrt(average(numbers.map((number) => number ** 2)) - average(numbers) ** 2);
    },
  ],
  ['first', (value) => (Array.isArray(value) ? (value[0] ?? null) : null)],
  ['last', (value) => (Array.isArray(value) ? (value.at(-1) ?? null) : null)],
]);

export function isPathFunction(name: string): boolean {
  return FUNCTIONS.has(name);
}

/** Applies the function called `name`, which the parser has checked. Throws `JsonPathError`. */
export function applyPathFunction(name: string, value: Json): Json {
  const apply = FUNCTIONS.get(name);
  if (apply === undefined) throw new JsonPathError(`Function with name: ${name} does not exist.`);
  return apply(value);
}
