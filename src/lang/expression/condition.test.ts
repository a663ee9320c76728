import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { Item } from './attribute-value.ts';
import { compileCondition } from './condition.ts';
import { parseCondition } from './parse-condition.ts';
import { type SubstitutionInput, Substitutions } from './substitutions.ts';

const ITEM: Item = {
  id: { S: 'k' },
  n: { N: '5' },
  s: { S: 'hello' },
  flag: { BOOL: true },
  nothing: { NULL: true },
  tags: { SS: ['red', 'blue'] },
  nums: { NS: ['1', '2'] },
  bin: { B: Buffer.from('abc') },
  m: { M: { x: { N: '1' }, deep: { L: [{ S: 'a' }, { M: { y: { S: 'z' } } }] } } },
  l: { L: [{ N: '1' }, { S: 'two' }] },
};

function holds(text: string, values?: Item, names?: Record<string, string>, item = ITEM): boolean {
  const input: SubstitutionInput = { ExpressionAttributeNames: names, ExpressionAttributeValues: values };
  const substitutions = new Substitutions(input);
  const { holds: predicate } = compileCondition(
    'ConditionExpression',
    parseCondition('ConditionExpression', text),
    substitutions,
  );
  substitutions.assertAllUsed();
  return predicate(item);
}

function refusal(text: string, values?: Item, names?: Record<string, string>): string {
  try {
    holds(text, values, names);
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'ValidationException', String(error));
    return (error as Error).message;
  }
  return 'accepted';
}

const V: Item = { ':v': { N: '5' } };

suite('condition', () => {
  test('comparisons hold as DynamoDB has them', () => {
    const cases: [string, Item, boolean][] = [
      ['n = :v', { ':v': { N: '5' } }, true],
      ['n = :v', { ':v': { N: '5.00' } }, true],
      ['n = :v', { ':v': { S: '5' } }, false],
      ['n <> :v', { ':v': { S: '5' } }, true],
      ['absent = :v', V, false],
      ['absent <> :v', V, true],
      ['absent < :v', V, false],
      ['n < :v', { ':v': { N: '10' } }, true],
      ['n < :v', { ':v': { S: 'z' } }, false],
      [':v > n', { ':v': { N: '10' } }, true],
      ['s >= :v', { ':v': { S: 'hello' } }, true],
      ['bin < :v', { ':v': { B: Buffer.from('abd') } }, true],
      ['n BETWEEN :a AND :b', { ':a': { N: '5' }, ':b': { N: '7' } }, true],
      ['n between :a and :b', { ':a': { N: '6' }, ':b': { N: '7' } }, false],
      ['n IN (:a, :b)', { ':a': { N: '4' }, ':b': { N: '5' } }, true],
      ['absent IN (:a)', { ':a': { N: '4' } }, false],
      ['tags = :v', { ':v': { SS: ['blue', 'red'] } }, true],
      ['m.deep[1].y = :v', { ':v': { S: 'z' } }, true],
      ['m.deep[9].y = :v', { ':v': { S: 'z' } }, false],
      ['l = :v', { ':v': { L: [{ N: '1' }, { S: 'two' }] } }, true],
      ['m.x = n', {}, false],
    ];
    for (const [text, values, expected] of cases) {
      assert.equal(holds(text, Object.keys(values).length === 0 ? undefined : values), expected, text);
    }
  });

  test('functions hold as DynamoDB has them', () => {
    const cases: [string, Item | undefined, boolean][] = [
      ['attribute_exists(m.deep[0])', undefined, true],
      ['attribute_not_exists(m.deep[2])', undefined, true],
      ['attribute_exists(m.x.y)', undefined, false],
      ['attribute_type(nothing, :v)', { ':v': { S: 'NULL' } }, true],
      ['begins_with(s, :v)', { ':v': { S: 'he' } }, true],
      ['begins_with(bin, :v)', { ':v': { B: Buffer.from('ab') } }, true],
      ['begins_with(n, :v)', { ':v': { S: '5' } }, false],
      ['contains(s, :v)', { ':v': { S: 'ell' } }, true],
      ['contains(tags, :v)', { ':v': { S: 'red' } }, true],
      ['contains(nums, :v)', { ':v': { N: '2.0' } }, true],
      ['contains(l, :v)', { ':v': { S: 'two' } }, true],
      ['contains(bin, :v)', { ':v': { B: Buffer.from('bc') } }, true],
      ['contains(n, :v)', { ':v': { N: '5' } }, false],
      ['size(s) = :v', V, true],
      ['size(tags) < :v', V, true],
      ['size(m) < size(s)', undefined, true],
      ['size(n) = :v', V, false],
    ];
    for (const [text, values, expected] of cases) assert.equal(holds(text, values), expected, text);
  });

  test('NOT binds before AND, AND before OR, and parentheses before all', () => {
    const yes = 'attribute_exists(id)';
    const no = 'attribute_exists(absent)';
    assert.equal(holds(`${yes} OR ${yes} AND ${no}`), true);
    assert.equal(holds(`(${yes} OR ${yes}) AND ${no}`), false);
    assert.equal(holds(`NOT ${no} AND ${yes}`), true);
    assert.equal(holds(`NOT (${no} OR ${yes})`), false);
    assert.equal(holds(`(NOT ${no}) AND (((${yes}) AND ${yes}) OR ${no})`), true);
    assert.equal(holds('(n) = (:v)', V), true);
  });

  test('logic agrees with JavaScript for any tree', () => {
    const leaf = fc
      .boolean()
      .map((value) => ({ text: `attribute_exists(${value ? 'id' : 'absent'})`, value }));
    const { tree } = fc.letrec<{ tree: { text: string; value: boolean } }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        leaf,
        fc
          .tuple(tie('tree'), tie('tree'))
          .map(([a, b]) => ({ text: `(${a.text} AND ${b.text})`, value: a.value && b.value })),
        fc
          .tuple(tie('tree'), tie('tree'))
          .map(([a, b]) => ({ text: `(${a.text} OR ${b.text})`, value: a.value || b.value })),
        tie('tree').map((a) => ({ text: `NOT ${a.text}`, value: !a.value })),
      ),
    }));
    fc.assert(
      fc.property(tree, ({ text, value }) => {
        fc.pre(text.length < 4000);
        assert.equal(holds(text), value);
      }),
    );
  });

  test('syntax errors show the token between its neighbours', () => {
    const cases: [string, string][] = [
      ['foo', 'token: "<EOF>", near: "foo"'],
      ['attribute_not_exists(', 'token: "<EOF>", near: "("'],
      ['n = = :v', 'token: "=", near: "= = :v"'],
      ['attribute_exists([1])', 'token: "[", near: "([1"'],
      ['expiresAt > now()', 'token: ")", near: "()"'],
      ['_x = :v', 'token: "_", near: "_x"'],
      ['n = {"S"', 'token: "{", near: "= {""'],
      ['n = :v)', 'token: ")", near: ":v)"'],
      ['n AND n', 'token: "AND", near: "n AND n"'],
      ['n = :v n', 'token: "n", near: ":v n"'],
    ];
    for (const [text, shown] of cases) {
      assert.equal(refusal(text, V), `Invalid ConditionExpression: Syntax error; ${shown}`, text);
    }
  });

  test('other faults are told in AWS words', () => {
    const operand = 'Incorrect operand type for operator or function; operator or function: ';
    const cases: [string, Item | undefined, string][] = [
      ['((n = :v))', V, 'The expression has redundant parentheses;'],
      ['((n)) = :v', V, 'The expression has redundant parentheses;'],
      ['foo(n)', undefined, 'Invalid function name; function: foo'],
      [
        'size(n)',
        undefined,
        'The function is not allowed to be used this way in an expression; function: size',
      ],
      [
        'attribute_exists(n) = :v',
        V,
        'The function is not allowed to be used this way in an expression; function: attribute_exists',
      ],
      ['name = :v', V, 'Attribute name is a reserved keyword; reserved keyword: name'],
      [
        '#x = :v',
        V,
        'An expression attribute name used in the document path is not defined; attribute name: #x',
      ],
      ['n = :w', V, 'An expression attribute value used in expression is not defined; attribute value: :w'],
      [
        'n = n',
        undefined,
        'The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [n]',
      ],
      [
        'contains(m.deep[0], m.deep[0])',
        undefined,
        'The first operand must be distinct from the remaining operands for this operator or function; operator: contains, first operand: [m, deep, [0]]',
      ],
      ['begins_with(n, :v)', V, `${operand}begins_with, operand type: N`],
      ['n < :v', { ':v': { L: [] } }, `${operand}<, operand type: L`],
      ['size(:v) > n', V, `${operand}size, operand type: N`],
      ['attribute_type(n, :v)', V, `${operand}attribute_type, operand type: N`],
      [
        'attribute_type(n, :v)',
        { ':v': { S: 'X' } },
        'Invalid attribute type name found; type: X, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}',
      ],
      [
        'attribute_exists(:v)',
        V,
        'Operator or function requires a document path; operator or function: attribute_exists',
      ],
      [
        'contains(n)',
        undefined,
        'Incorrect number of operands for operator or function; operator or function: contains, number of operands: 1',
      ],
      [
        'n BETWEEN :v AND :w',
        { ':v': { N: '5' }, ':w': { N: '4' } },
        'The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:5}, upper bound operand: AttributeValue: {N:4}',
      ],
      [
        'n BETWEEN :v AND :w',
        { ':v': { N: '5' }, ':w': { S: '6' } },
        'The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {N:5}, upper bound operand: AttributeValue: {S:6}',
      ],
      [' ', undefined, 'The expression can not be empty;'],
    ];
    for (const [text, values, message] of cases) {
      assert.equal(refusal(text, values), `Invalid ConditionExpression: ${message}`, text);
    }
  });

  test('names and values that nothing uses are refused, and so are keys of the wrong form', () => {
    assert.equal(
      refusal('n = :v', { ...V, ':x': { N: '1' }, ':y': { N: '1' } }),
      'Value provided in ExpressionAttributeValues unused in expressions: keys: {:x, :y}',
    );
    assert.equal(
      refusal('n = :v', V, { '#x': 'x' }),
      'Value provided in ExpressionAttributeNames unused in expressions: keys: {#x}',
    );
    assert.equal(refusal('n = :v', {}), 'ExpressionAttributeValues must not be empty');
    assert.equal(
      refusal('n = :v', { v: { N: '1' } }),
      'ExpressionAttributeValues contains invalid key: Syntax error; key: "v"',
    );
    assert.equal(
      refusal('n = :v', { ':v': { N: 'x' } }),
      'ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value: x for key :v',
    );
  });

  test('size, operators and depth are bounded', () => {
    const terms = (count: number): string => Array.from({ length: count }, () => 'n=:v').join(' OR ');
    assert.equal(refusal(terms(150), V), 'accepted');
    assert.equal(
      refusal(terms(151), V),
      'Invalid ConditionExpression: The expression contains too many operators; operator count: 301',
    );
    assert.equal(
      refusal(`n = :v ${' '.repeat(4096)}`, V),
      'Invalid ConditionExpression: Expression size has exceeded the maximum allowed size; expression size: 4103',
    );
    assert.match(refusal('('.repeat(4000)), /redundant parentheses/);
    assert.match(refusal('NOT '.repeat(1000)), /too many operators/);
  });

  test('names of the object prototype are attributes like any other', () => {
    assert.equal(holds('attribute_exists(toString)'), false);
    assert.equal(holds('attribute_exists(#p.a)', undefined, { '#p': '__proto__' }), false);
  });
});
