import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isTooDeep, jsonDepth, jsonEquals, parseJson, splitJsonArray } from './json.ts';

suite('JSON from outside', () => {
  test('is measured for depth without being parsed, brackets inside strings left out', () => {
    assert.equal(jsonDepth('{"a":[1,{"b":"[[[["}]}'), 3);
    assert.equal(jsonDepth('"\\"["'), 0);
  });

  test('is refused when it nests too deep, long before a recursion could overflow', () => {
    const bomb = '['.repeat(100_000) + ']'.repeat(100_000);
    assert.ok(isTooDeep(bomb));
    assert.throws(() => parseJson(bomb), { code: 'SerializationException' });
  });

  test('splits an array into the texts of its elements, as they stand', () => {
    assert.deepEqual(splitJsonArray(' [1, {"a":[1,2]} ,"x,]", 12345678901234567890,[[]]]'), [
      '1',
      '{"a":[1,2]}',
      '"x,]"',
      '12345678901234567890',
      '[[]]',
    ]);
    assert.deepEqual(splitJsonArray('[]'), []);
    assert.equal(splitJsonArray('{"a":1}'), undefined);
  });

  test('is compared without regard to the order of keys', () => {
    assert.ok(jsonEquals({ a: 1, b: [null, { c: 'x' }] }, { b: [null, { c: 'x' }], a: 1 }));
    assert.ok(!jsonEquals({ a: 1 }, { a: 1, b: 2 }));
    assert.ok(!jsonEquals([1, 2], [2, 1]));
    assert.ok(!jsonEquals({ a: 1 }, [1]));
  });
});
