import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../base/json.ts';
import { randomBelow, seededRandom } from '../../base/random.ts';
import { JsonPathError, JsonPathSyntaxError } from './errors.ts';
import { compileJsonPath, readJsonPath } from './jsonpath.ts';

const STORE: Json = {
  store: {
    book: [
      { category: 'reference', author: 'Rees', title: 'Sayings', price: 8.95 },
      { category: 'fiction', author: 'Waugh', title: 'Sword', price: 12.99 },
      { category: 'fiction', author: 'Melville', title: 'Moby', isbn: '0-553', price: 8.99 },
    ],
    bicycle: { color: 'red', price: 19.95 },
  },
  expensive: 10,
  'a b': { "it's": 1 },
  list: [0, 1, 2, 3, 4],
  nothing: null,
};

const DEFINITE: readonly (readonly [string, Json])[] = [
  ['$', STORE],
  ['$.expensive', 10],
  ["$['a b']['it\\'s']", 1],
  ['$["expensive"]', 10],
  ['$.store.book[0].title', 'Sayings'],
  ['$.store.book[-1].title', 'Moby'],
  ['$.nothing', null],
  ["$.store.bicycle['color','price']", { color: 'red', price: 19.95 }],
  ['$.list.length()', 5],
  ['$.list.sum()', 10],
  ['$.list.max()', 4],
  ['$.list.avg()', 2],
  ['$.store.bicycle.keys()', ['color', 'price']],
];

for (const [path, expected] of DEFINITE) {
  test(`${path} selects one value`, () => {
    assert.equal(compileJsonPath(path).isDefinite, true);
    assert.deepEqual(readJsonPath(path, STORE), expected);
  });
}

const LISTS: readonly (readonly [string, Json])[] = [
  ['$.list[*]', [0, 1, 2, 3, 4]],
  ['$.list[1:3]', [1, 2]],
  ['$.list[-2:]', [3, 4]],
  ['$.list[:2]', [0, 1]],
  ['$.list[0,4]', [0, 4]],
  ['$.store.book[*].author', ['Rees', 'Waugh', 'Melville']],
  ['$.store.*.color', ['red']],
  ['$..price', [8.95, 12.99, 8.99, 19.95]],
  ['$..book[0].title', ['Sayings']],
  ['$.store.book[?(@.isbn)].title', ['Moby']],
  ['$.store.book[?(@.price < $.expensive)].title', ['Sayings', 'Moby']],
  ["$.store.book[?(@.category == 'fiction' && !(@.isbn))].title", ['Sword']],
  ["$.store.book[?(@.author in ['Rees', 'Waugh'])].price", [8.95, 12.99]],
  ["$.store.book[?(@.title == 'Moby' || @.price > 12)].author", ['Waugh', 'Melville']],
  ["$.store.book[?(@.title contains 'o')].title", ['Sword', 'Moby']],
  ['$.missing[*].name', []],
  ['$.list[?(@ >= 3)]', [3, 4]],
];

for (const [path, expected] of LISTS) {
  test(`${path} selects a list`, () => {
    assert.equal(compileJsonPath(path).isDefinite, false);
    assert.deepEqual(readJsonPath(path, STORE), expected);
  });
}

const NOT_FOUND: readonly (readonly [string, string])[] = [
  ['$.missing', "No results for path: $['missing']"],
  ['$.store.missing.deeper', "Missing property in path $['store']['missing']"],
  ['$.list[9]', "No results for path: $['list'][9]"],
];

for (const [path, message] of NOT_FOUND) {
  test(`${path} fails in the words of Jayway`, () => {
    assert.throws(
      () => readJsonPath(path, STORE),
      (error) => error instanceof JsonPathError && error.message === message,
    );
  });
}

const MALFORMED = [
  '',
  'a',
  '$.',
  '$[',
  '$[abc]',
  "$['a",
  '$.a b',
  '$.list[?(@.a =~ /x/)]',
  '$.list.nosuch()',
  '$.list.length().more',
  `$${'.a'.repeat(501)}`,
  `$[?${'('.repeat(100)}@.a${')'.repeat(100)}]`,
];

for (const path of MALFORMED) {
  test(`${path.slice(0, 40)} is no path`, () => {
    assert.throws(() => compileJsonPath(path), JsonPathSyntaxError);
  });
}

test('a name of the prototype is no member of a document', () => {
  assert.throws(() => readJsonPath('$.constructor', {}), JsonPathError);
  assert.deepEqual(readJsonPath('$[*].toString', [{}]), []);
});

test('a path that multiplies its visits is cut off', () => {
  let deep: Json = 1;
  for (let level = 0; level < 200; level += 1) deep = { a: deep };
  assert.throws(() => readJsonPath('$..*..*..*..*', deep), /visits more than/);
});

test('a document nested as deep as JSON may be is scanned without overflow', () => {
  let deep: Json = { found: true };
  for (let level = 0; level < 1000; level += 1) deep = [deep];
  assert.deepEqual(readJsonPath('$..found', deep), [true]);
});

test('no text makes the parser or a path fail in any other way', () => {
  const random = seededRandom(99);
  const pieces = [
    '$',
    '@',
    '.',
    '..',
    '[',
    ']',
    '?(',
    '(',
    ')',
    '*',
    'a',
    'book',
    "'x'",
    '"y"',
    '0',
    '-1',
    ':',
    ',',
  ];
  pieces.push(
    ' ',
    '&&',
    '||',
    '!',
    '==',
    '<',
    'in',
    'size',
    '1.5',
    'length()',
    '\\',
    "'",
    'true',
    '~',
    '\u0000',
    '😀',
  );
  let parsedCount = 0;
  for (let run = 0; run < 20_000; run += 1) {
    const length = 1 + randomBelow(random, 12);
    const text = `$${Array.from({ length }, () => pieces[randomBelow(random, pieces.length)]).join('')}`;
    try {
      readJsonPath(text, STORE);
      parsedCount += 1;
    } catch (error) {
      assert.ok(
        error instanceof JsonPathSyntaxError || error instanceof JsonPathError,
        `${text}: ${String(error)}`,
      );
    }
  }
  assert.ok(parsedCount > 100, `only ${parsedCount} texts were paths`);
});
