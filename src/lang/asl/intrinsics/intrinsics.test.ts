import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../../base/json.ts';
import { seededRandom } from '../../../base/random.ts';
import { JsonPathSyntaxError } from '../../jsonpath/errors.ts';
import { StatesError } from '../errors.ts';
import { compileExpression } from '../expression.ts';
import type { EvaluationScope } from '../scope.ts';
import { javaRandomFloat } from './java-random.ts';

function evaluate(text: string, root: Json = {}): Json {
  const scope: EvaluationScope = {
    context: { Execution: { Name: 'run-1' } },
    variable: (name) => (name === 'v' ? { x: 7 } : undefined),
    random: seededRandom(7),
  };
  return compileExpression(text).evaluate(root, scope);
}

const RESULTS: readonly (readonly [string, Json, Json])[] = [
  ['States.Array(1, $.a, null, true)', { a: 'x' }, [1, 'x', null, true]],
  ['States.ArrayPartition($.a, 2)', { a: [1, 2, 3] }, [[1, 2], [3]]],
  ['States.ArrayContains($.a, $.b)', { a: [{ x: 1, y: 2 }], b: { y: 2, x: 1 } }, true],
  ['States.ArrayRange(10, 1, -3)', {}, [10, 7, 4, 1]],
  ['States.ArrayGetItem($.a, 1)', { a: ['x', 'y'] }, 'y'],
  ['States.ArrayLength($.a)', { a: [1, 2] }, 2],
  [
    'States.ArrayUnique($.a)',
    { a: [1, 1, '1', { b: 1, c: 2 }, { c: 2, b: 1 }, [1], [1]] },
    [1, '1', { b: 1, c: 2 }, [1]],
  ],
  ["States.Base64Encode('Grüße')", {}, 'R3LDvMOfZQ=='],
  ["States.Base64Decode('R3LDvMOfZQ==')", {}, 'Grüße'],
  ["States.Hash('input data', 'MD5')", {}, '812f45842bc6d66ee14572ce20db8e86'],
  ['States.JsonMerge($.a, $.b, false)', { a: { x: 1, y: 1 }, b: { y: 2 } }, { x: 1, y: 2 }],
  ['States.StringToJson($.a)', { a: '{"x":[1]}' }, { x: [1] }],
  ['States.StringToJson($.a)', { a: '' }, null],
  ['States.JsonToString($.a)', { a: { x: 1 } }, '{"x":1}'],
  ['States.MathAdd(1.49, 1.5)', {}, 3],
  ['States.MathAdd(-1.5, 0)', {}, -1],
  ["States.StringSplit(', , ,', ',')", {}, [' ', ' ']],
  ["States.StringSplit(',,,,', ',')", {}, []],
  ["States.Format('{} and \\{\\} of {}', $.a, $.b)", { a: 1, b: { c: [] } }, '1 and {} of {c=[]}'],
  ["States.Format('it\\'s {}', States.ArrayGetItem(States.Array(1, 2), 1))", {}, "it's 2"],
  ["States.Format('{} {}', $$.Execution.Name, $v.x)", {}, 'run-1 7'],
];

for (const [text, root, expected] of RESULTS) {
  test(`${text} yields ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(evaluate(text, root), expected);
  });
}

test('a random number lies in its range, and a seed decides it', () => {
  const drawn = evaluate('States.MathRandom(5, 8)') as number;
  assert.ok(drawn >= 5 && drawn < 8);
  assert.equal(evaluate('States.MathRandom(0, 1000, 42)'), evaluate('States.MathRandom(0, 1000, 42)'));
});

test('a seed draws what Java draws', () => {
  assert.equal(javaRandomFloat(42), 0.7275636800328681);
});

test('an identifier is a version 4 UUID', () => {
  assert.match(
    evaluate('States.UUID()') as string,
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});

const FAILURES: readonly (readonly [string, Json])[] = [
  ['States.ArrayPartition($.a, 0)', { a: [1] }],
  ['States.ArrayRange(0, 5000, 1)', {}],
  ['States.ArrayRange(0, 5, 0)', {}],
  ['States.ArrayGetItem($.a, 5)', { a: [1] }],
  ["States.Base64Decode('*')", {}],
  ["States.Hash('x', 'CRC32')", {}],
  ['States.JsonMerge($.a, $.a, true)', { a: {} }],
  ["States.StringToJson('{')", {}],
  ["States.MathAdd('1', 2)", {}],
  ["States.Format('{} {}', 1)", {}],
  ["States.Format('{}', 1, 2)", {}],
];

for (const [text, root] of FAILURES) {
  test(`${text} fails as an intrinsic failure`, () => {
    assert.throws(
      () => evaluate(text, root),
      (error) => error instanceof StatesError && error.error === 'States.IntrinsicFailure',
    );
  });
}

test('a path that selects nothing fails the state for good', () => {
  assert.throws(
    () => evaluate('States.ArrayLength($.missing)'),
    (error) => error instanceof StatesError && error.error === 'States.Runtime',
  );
});

test('a text that would grow without end is cut off', () => {
  const argumentsText = Array.from({ length: 100 }, () => '$.a').join(', ');
  const template = '{}'.repeat(100);
  assert.throws(
    () => evaluate(`States.Format('${template}', ${argumentsText})`, { a: 'x'.repeat(10_000) }),
    StatesError,
  );
});

for (const text of [
  'States.NoSuch()',
  'States.Array(1',
  'States.Array(1) 2',
  'States.Array(abc)',
  "States.Array('a\\\"b')",
  "States.Array('open)",
  'States.ArrayLength()',
  'States.ArrayLength(1, 2)',
  `${'States.Array('.repeat(11)}1${')'.repeat(11)}`,
]) {
  test(`${text.slice(0, 40)} is no call`, () => {
    assert.throws(() => compileExpression(text), JsonPathSyntaxError);
  });
}
