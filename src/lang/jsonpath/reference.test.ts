import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../base/json.ts';
import { JsonPathError, JsonPathSyntaxError } from './errors.ts';
import { compileReferencePath } from './reference.ts';

function put(path: string, document: Json, value: Json): Json {
  return compileReferencePath(path).put(document, value);
}

test('a value is put at a path, and objects on the way are made', () => {
  assert.deepEqual(put('$', { a: 1 }, 2), 2);
  assert.deepEqual(put('$.b', { a: 1 }, 2), { a: 1, b: 2 });
  assert.deepEqual(put('$.a.b.c', {}, 2), { a: { b: { c: 2 } } });
  assert.deepEqual(put('$.list[1].x', { list: [{}, { y: 1 }] }, 2), { list: [{}, { y: 1, x: 2 }] });
});

test('the document itself stays as it was', () => {
  const document = { a: { b: 1 }, list: [1, 2] };
  put('$.a.b', document, 2);
  put('$.list[0]', document, 9);
  assert.deepEqual(document, { a: { b: 1 }, list: [1, 2] });
});

test('a path through a value that is no object cannot be applied', () => {
  assert.throws(() => put('$.a.b', { a: 'text' }, 1), JsonPathError);
  assert.throws(() => put('$.a', [1], 1), JsonPathError);
  assert.throws(() => put('$.list[5]', { list: [1] }, 1), JsonPathError);
});

test('wildcards, filters, slices and functions make no reference path', () => {
  for (const path of ['$.a[*]', '$..a', '$.a[?(@.b)]', '$.a[1:2]', '$.a.length()', '$.a[-1]']) {
    assert.throws(() => compileReferencePath(path), JsonPathSyntaxError, path);
  }
});

test('a member named __proto__ is a member like any other', () => {
  const changed = put("$['__proto__'].x", {}, 1) as object;
  assert.equal(JSON.stringify(changed), '{"__proto__":{"x":1}}');
  assert.equal(Object.getPrototypeOf(changed), Object.prototype);
});
