import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JsonCursor } from './json-text.ts';

/** Rebuilds a value from the cursor's pieces. */
function rebuild(cursor: JsonCursor): unknown {
  switch (cursor.kind()) {
    case 'string':
      return cursor.string();
    case 'number':
    case 'literal':
      return JSON.parse(cursor.scalar());
    case 'array': {
      const items: unknown[] = [];
      if (cursor.enter())
        do items.push(rebuild(cursor));
        while (cursor.next());
      return items;
    }
    case 'object': {
      const members: [string, unknown][] = [];
      if (!cursor.enter()) return {};
      do {
        const key = cursor.string();
        cursor.toMemberValue();
        members.push([key, rebuild(cursor)]);
      } while (cursor.next());
      return Object.fromEntries(members);
    }
  }
}

test('a walk over any JSON text finds what JSON.parse finds', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(0, 1, 3), (json, indent) => {
      const value: unknown = JSON.parse(json);
      const text = JSON.stringify(value, undefined, indent);
      assert.deepEqual(rebuild(new JsonCursor(text)), JSON.parse(text));
    }),
  );
});

test('skipping a value ends right behind it', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      const cursor = new JsonCursor(`${json},"\\`);
      assert.equal(cursor.raw(), json.trim());
    }),
  );
});

test('a walk over text that is no JSON ends', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', 'a', ' ') }),
      (text) => {
        const cursor = new JsonCursor(text);
        cursor.skipSpace();
        cursor.skipValue();
        assert.ok(cursor.position <= text.length);
      },
    ),
  );
});
