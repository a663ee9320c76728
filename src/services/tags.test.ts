import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutTags } from './tags.ts';

test('tags are taken away by their keys, whatever these are called', () => {
  const tags = JSON.parse('{"a":"1","__proto__":"2","constructor":"3"}') as Record<string, string>;
  assert.deepEqual(Object.entries(withoutTags(tags, ['a', 'toString'])), [
    ['__proto__', '2'],
    ['constructor', '3'],
  ]);
  assert.deepEqual(withoutTags(tags, ['__proto__', 'constructor']), { a: '1' });
});
