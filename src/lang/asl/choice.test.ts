import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonObject } from '../../base/json.ts';
import { seededRandom } from '../../base/random.ts';
import { matchesWildcards } from './choice-operators.ts';
import { compileChoiceRule } from './choice.ts';
import { StatesError } from './errors.ts';

const SCOPE = { context: { State: { Name: 'Here' } }, variable: () => undefined, random: seededRandom(1) };

function matches(rule: JsonObject, input: Json): boolean {
  return compileChoiceRule({ ...rule, Next: 'Then' }).matches(input, SCOPE);
}

test('values of another type never match', () => {
  assert.equal(matches({ Variable: '$.a', NumericEquals: 1 }, { a: '1' }), false);
  assert.equal(matches({ Variable: '$.a', StringEquals: '1' }, { a: 1 }), false);
  assert.equal(matches({ Variable: '$.a', BooleanEquals: false }, { a: null }), false);
  assert.equal(matches({ Variable: '$.a', NumericLessThan: 1 }, { a: null }), false);
});

test('an expected value may come from the input', () => {
  assert.equal(matches({ Variable: '$.a', NumericGreaterThanPath: '$.b' }, { a: 2, b: 1 }), true);
  assert.equal(matches({ Variable: '$.a', StringEqualsPath: '$$.State.Name' }, { a: 'Here' }), true);
});

test('timestamps compare as instants, to the nanosecond', () => {
  const input = { a: '2020-01-01T01:00:00+01:00', b: '2020-01-01T00:00:00.000000001Z' };
  assert.equal(matches({ Variable: '$.a', TimestampEquals: '2020-01-01T00:00:00Z' }, input), true);
  assert.equal(matches({ Variable: '$.b', TimestampGreaterThanPath: '$.a' }, input), true);
  assert.equal(matches({ Variable: '$.a', IsTimestamp: true }, { a: '2020-02-30T00:00:00Z' }), false);
});

test('connectives join rules', () => {
  const rule = {
    And: [
      { Variable: '$.a', IsPresent: true },
      { Or: [{ Variable: '$.a', NumericEquals: 1 }, { Not: { Variable: '$.a', IsNumeric: true } }] },
    ],
  };
  assert.equal(matches(rule, { a: 1 }), true);
  assert.equal(matches(rule, { a: 'x' }), true);
  assert.equal(matches(rule, { a: 2 }), false);
  assert.equal(matches(rule, {}), false);
});

test('a variable that is not there fails the state, but for IsPresent', () => {
  assert.equal(matches({ Variable: '$.a', IsPresent: false }, {}), true);
  assert.throws(
    () => matches({ Variable: '$.a', IsNull: true }, {}),
    (error) =>
      error instanceof StatesError &&
      error.message === "Invalid path '$.a': The choice state's condition path references an invalid value.",
  );
});

test('wildcards match any characters, and escaped ones themselves', () => {
  assert.equal(matchesWildcards('log-2020.txt', 'log-*.txt'), true);
  assert.equal(matchesWildcards('log-2020.txt', '*2*0*'), true);
  assert.equal(matchesWildcards('log', 'log-*'), false);
  assert.equal(matchesWildcards('a*b', String.raw`a\*b`), true);
  assert.equal(matchesWildcards('axb', String.raw`a\*b`), false);
  assert.equal(matchesWildcards('', '*'), true);
  assert.equal(matchesWildcards('aba', 'ab*ba'), false);
  assert.equal(matchesWildcards('abcabd', '*abd*'), true);
});

test('a hostile pattern is matched in time', () => {
  assert.equal(matchesWildcards('a'.repeat(5000), `${'*a'.repeat(500)}b`), false);
  const half = 'a'.repeat(100_000);
  assert.equal(matchesWildcards(half + half, `*${half}b*`), false);
  assert.equal(matchesWildcards(`${half + half}bc`, `*${half}b*`), true);
});
