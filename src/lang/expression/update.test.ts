import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import type { Item } from './attribute-value.ts';
import { compileProjection, projectionOf } from './projection.ts';
import { type SubstitutionInput, Substitutions } from './substitutions.ts';
import { compileUpdate } from './update.ts';

const ITEM: Item = {
  n: { N: '5' },
  s: { S: 'x' },
  l: { L: [{ N: '1' }, { N: '2' }, { N: '3' }] },
  m: { M: { a: { N: '1' }, b: { L: [{ M: { c: { S: 'd' } } }] } } },
  ss: { SS: ['a', 'b'] },
  ns: { NS: ['1', '2'] },
  bs: { BS: [Buffer.from('a')] },
};

function updated(text: string, values?: Item, item = ITEM): Item {
  const input: SubstitutionInput = { ExpressionAttributeValues: values };
  return compileUpdate(text, new Substitutions(input)).apply(item);
}

function refusal(text: string, values?: Item, item = ITEM): string {
  try {
    updated(text, values, item);
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'ValidationException', String(error));
    return (error as Error).message;
  }
  return 'accepted';
}

const V: Item = { ':v': { N: '2' } };

suite('update', () => {
  test('each action does what DynamoDB does', () => {
    const before = JSON.stringify(ITEM);
    const cases: [string, Item | undefined, Item][] = [
      ['SET n = :v', V, { n: { N: '2' } }],
      ['SET n = n + :v', V, { n: { N: '7' } }],
      ['SET n = n - :v', V, { n: { N: '3' } }],
      ['SET n = (n + :v)', V, { n: { N: '7' } }],
      ['SET fresh = :v', V, { fresh: { N: '2' } }],
      ['SET n = s, s = n', undefined, { n: { S: 'x' }, s: { N: '5' } }],
      ['SET fresh = if_not_exists(fresh, :v) + :v', V, { fresh: { N: '4' } }],
      ['SET n = if_not_exists(n, :v)', V, {}],
      [
        'SET l = list_append(l, :v)',
        { ':v': { L: [{ S: 'z' }] } },
        { l: { L: [{ N: '1' }, { N: '2' }, { N: '3' }, { S: 'z' }] } },
      ],
      ['SET l[1] = :v', { ':v': { S: 'z' } }, { l: { L: [{ N: '1' }, { S: 'z' }, { N: '3' }] } }],
      [
        'SET l[9] = :v, l[7] = :w',
        { ':v': { S: '9' }, ':w': { S: '7' } },
        { l: { L: [{ N: '1' }, { N: '2' }, { N: '3' }, { S: '7' }, { S: '9' }] } },
      ],
      ['SET m.b[0].c = :v', V, { m: { M: { a: { N: '1' }, b: { L: [{ M: { c: { N: '2' } } }] } } } }],
      [
        'SET m.z = :v',
        V,
        { m: { M: { a: { N: '1' }, b: { L: [{ M: { c: { S: 'd' } } }] }, z: { N: '2' } } } },
      ],
      ['REMOVE l[0], l[2]', undefined, { l: { L: [{ N: '2' }] } }],
      ['REMOVE l[0] SET l[1] = :v', V, { l: { L: [{ N: '2' }, { N: '3' }] } }],
      ['REMOVE nothing, m.nothing, l[8]', undefined, {}],
      ['ADD n :v', V, { n: { N: '7' } }],
      ['ADD fresh :v', V, { fresh: { N: '2' } }],
      ['ADD ss :v', { ':v': { SS: ['b', 'c'] } }, { ss: { SS: ['a', 'b', 'c'] } }],
      [
        'ADD bs :v',
        { ':v': { BS: [Buffer.from('a'), Buffer.from('b')] } },
        { bs: { BS: [Buffer.from('a'), Buffer.from('b')] } },
      ],
      ['DELETE ss :v', { ':v': { SS: ['b', 'c'] } }, { ss: { SS: ['a'] } }],
      ['DELETE nothing :v', { ':v': { SS: ['b'] } }, {}],
    ];
    for (const [text, values, changes] of cases) {
      assert.deepEqual(updated(text, values), { ...ITEM, ...changes }, text);
      assert.equal(JSON.stringify(ITEM), before, 'the old item is left as it was');
    }
  });

  test('a set of which nothing is left goes away', () => {
    assert.equal(Object.hasOwn(updated('DELETE ns :v', { ':v': { NS: ['1.0', '2'] } }), 'ns'), false);
    assert.equal(Object.hasOwn(updated('REMOVE n'), 'n'), false);
  });

  test('what does not fit the item is refused in AWS words', () => {
    const wrongType = 'An operand in the update expression has an incorrect data type';
    const wrongPath = 'The document path provided in the update expression is invalid for update';
    const overflow =
      'Number overflow. Attempting to store a number with magnitude larger than supported range';
    const cases: [string, Item | undefined, string][] = [
      [
        'SET a = nothing',
        undefined,
        'The provided expression refers to an attribute that does not exist in the item',
      ],
      [
        'SET n = nothing + :v',
        V,
        'The provided expression refers to an attribute that does not exist in the item',
      ],
      ['SET n = s + :v', V, wrongType],
      ['SET l = list_append(l, s)', undefined, wrongType],
      ['ADD s :v', V, wrongType],
      ['DELETE ss :v', { ':v': { NS: ['1'] } }, wrongType],
      ['SET nothing.a = :v', V, wrongPath],
      ['SET s.a = :v', V, wrongPath],
      ['SET m[0] = :v', V, wrongPath],
      ['REMOVE nothing.a', undefined, wrongPath],
      ['ADD nothing.a :v', V, wrongPath],
      ['SET n = n + :v', { ':v': { N: '1E50' } }, overflow],
      ['ADD n :v', { ':v': { N: '1E125' } }, overflow],
    ];
    for (const [text, values, message] of cases) assert.equal(refusal(text, values), message, text);
  });

  test('what is wrong in itself is refused in AWS words', () => {
    const operand = 'Incorrect operand type for operator or function; ';
    const clash = 'with each other; must remove or rewrite one of these paths; path one:';
    const cases: [string, Item | undefined, string][] = [
      ['', undefined, 'The expression can not be empty;'],
      ['INVALID SYNTAX HERE', undefined, 'Syntax error; token: "INVALID", near: "INVALID SYNTAX"'],
      ['SET _123 = :v', V, 'Syntax error; token: "_", near: "SET _123"'],
      ['SET n = :v,', V, 'Syntax error; token: "<EOF>", near: ","'],
      ['ADD  SET #createdAt', V, 'Syntax error; token: "SET", near: "ADD  SET #createdAt"'],
      ['SET n = :v + :v + :v', V, 'Syntax error; token: "+", near: ":v + :v"'],
      ['SET n = :v SET s = :v', V, 'The "SET" section can only be used once in an update expression;'],
      ['SET items = :v', V, 'Attribute name is a reserved keyword; reserved keyword: items'],
      ['SET n = foo(n)', undefined, 'Invalid function name; function: foo'],
      [
        'SET n = :w',
        V,
        'An expression attribute value used in expression is not defined; attribute value: :w',
      ],
      ['SET n = :v REMOVE n', V, `Two document paths overlap ${clash} [n], path two: [n]`],
      ['SET m.a = :v REMOVE m', V, `Two document paths overlap ${clash} [m, a], path two: [m]`],
      ['SET m.a = :v, m[0] = :v', V, `Two document paths conflict ${clash} [m, a], path two: [m, [0]]`],
      ['SET n = :v + n', { ':v': { S: 'a' } }, `${operand}operator or function: +, operand type: S`],
      ['SET l = list_append(l, :v)', V, `${operand}operator or function: list_append, operand type: N`],
      [
        'ADD n :v',
        { ':v': { S: 'a' } },
        `${operand}operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND`,
      ],
      [
        'DELETE n :v',
        V,
        `${operand}operator: DELETE, operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND`,
      ],
      [
        'SET n = if_not_exists(:v, :v)',
        V,
        'Operator or function requires a document path; operator or function: if_not_exists',
      ],
      ['SET l[99999999999] = :v', V, 'List index is not within the allowable range; index: [99999999999]'],
    ];
    for (const [text, values, message] of cases) {
      assert.equal(refusal(text, values), `Invalid UpdateExpression: ${message}`, text);
    }
  });

  test('a value may not end up deeper than 32 levels', () => {
    let value: Item[string] = { S: 'leaf' };
    for (let level = 0; level < 31; level += 1) value = { L: [value] };
    assert.equal(refusal('SET m.a = :v', { ':v': value }), 'accepted');
    assert.equal(
      refusal('SET m.b[0].c = :v', { ':v': value }),
      'Nesting Levels have exceeded supported limits',
    );
  });

  test('counting up and down by the same steps comes back, whatever the steps', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { maxLength: 20 }), (steps) => {
        let item = ITEM;
        for (const step of steps) item = updated('ADD n :v', { ':v': { N: String(step) } }, item);
        for (const step of steps) item = updated('SET n = n - :v', { ':v': { N: String(step) } }, item);
        assert.deepEqual(item, ITEM);
      }),
    );
  });
});

suite('projection', () => {
  function projected(text: string, names?: Record<string, string>): Item {
    return compileProjection(text, new Substitutions({ ExpressionAttributeNames: names })).project(ITEM);
  }

  test('an answer shows what lies on the paths', () => {
    assert.deepEqual(projected('n, nothing'), { n: { N: '5' } });
    assert.deepEqual(projected('l[2], l[0], l[9]'), { l: { L: [{ N: '1' }, { N: '3' }] } });
    assert.deepEqual(projected('m.b[0].c'), { m: { M: { b: { L: [{ M: { c: { S: 'd' } } }] } } } });
    assert.deepEqual(projected('m.x, s.y, l.z'), {});
    assert.deepEqual(projected('#a.#b', { '#a': 'm', '#b': 'a' }), { m: { M: { a: { N: '1' } } } });
  });

  test('paths that overlap are refused, by the names that they stand for', () => {
    const clash = (one: string, two: string): RegExp =>
      new RegExp(
        `^Invalid ProjectionExpression: Two document paths overlap with each other; .* path one: ${one}, path two: ${two}$`,
        'u',
      );
    const throwsClash = (text: string, names: Record<string, string> | undefined, pattern: RegExp): void => {
      assert.throws(() => projected(text, names), { message: pattern });
    };
    throwsClash('a, a', undefined, clash('\\[a\\]', '\\[a\\]'));
    throwsClash('a, a.b', undefined, clash('\\[a\\]', '\\[a, b\\]'));
    throwsClash('#a, #b', { '#a': 'a', '#b': 'a' }, clash('\\[a\\]', '\\[a\\]'));
  });

  test('a projection onto all attributes is the item', () => {
    const project = projectionOf(Object.keys(ITEM).map((name) => [name] as const));
    assert.deepEqual(project(ITEM), ITEM);
  });
});
