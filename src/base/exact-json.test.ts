import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isExactNumber, isPlainObject, numberOf, parseExactJson } from './exact-json.ts';
import type { Json, JsonObject } from './json.ts';

test('a number that JavaScript cannot hold prints as it came', () => {
  for (const number of [
    '12345678901234567890',
    '0.12345678901234567890123',
    '1e400',
    '1e-400',
    '-9007199254740993',
  ]) {
    const text = `{"n":${number},"rest":[1,"x"]}`;
    const value = parseExactJson(text) as JsonObject;
    assert.equal(JSON.stringify(value), text);
    assert.equal(isExactNumber(value['n']), true);
    assert.equal(isPlainObject(value['n']), false);
  }
});

test('every other number stays a number', () => {
  const value = parseExactJson('[9007199254740991, 0.1234567890123456, "12345678901234567890", 1.5e10]');
  assert.deepEqual(value, [9007199254740991, 0.1234567890123456, '12345678901234567890', 1.5e10]);
});

test('an exact number can be compared as the number next to it', () => {
  const [exact] = parseExactJson('[12345678901234567890]') as readonly Json[];
  assert.equal(numberOf(exact), 12345678901234567000);
  assert.equal(numberOf('1'), undefined);
});

test('a text nested too deep is refused as ever', () => {
  assert.throws(() => parseExactJson('['.repeat(3000) + '1234567890123456789'), {
    code: 'SerializationException',
  });
});
