import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { AttributeValue, Item } from './attribute-value.ts';
import { normalizeItem, normalizeValue } from './normalize.ts';
import { itemSizeBytes } from './size.ts';

function refusal(value: unknown): string {
  try {
    normalizeValue(value as AttributeValue);
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
}

function nested(levels: number): AttributeValue {
  let value: AttributeValue = { S: 'leaf' };
  for (let level = 0; level < levels; level += 1)
    value = level % 2 === 0 ? { L: [value] } : { M: { n: value } };
  return value;
}

suite('normalize', () => {
  test('numbers become canonical wherever they are', () => {
    assert.deepEqual(
      normalizeItem({ a: { N: '1.0' }, b: { L: [{ N: '1e2' }] }, c: { M: { d: { NS: ['01', '2'] } } } }),
      {
        a: { N: '1' },
        b: { L: [{ N: '100' }] },
        c: { M: { d: { NS: ['1', '2'] } } },
      },
    );
  });

  test('an item that needs no change is passed on, not copied', () => {
    const item: Item = { a: { S: 'x' }, b: { N: '1' }, c: { L: [{ M: { d: { BOOL: false } } }] } };
    assert.equal(normalizeItem(item), item);
  });

  test('half a surrogate pair is no text, and becomes what encoding makes of it', () => {
    assert.deepEqual(normalizeValue({ S: 'a\ud800' }), { S: 'a\ufffd' });
    assert.deepEqual(normalizeValue({ S: '\u{1F600}' }), { S: '\u{1F600}' });
  });

  test('names of the object prototype are names like any other', () => {
    const item = JSON.parse('{"__proto__": {"N": "1.0"}, "constructor": {"S": "c"}}') as Item;
    assert.equal(JSON.stringify(normalizeItem(item)), '{"__proto__":{"N":"1"},"constructor":{"S":"c"}}');
  });

  test('what DynamoDB refuses is refused in its words', () => {
    const invalid = 'One or more parameter values were invalid: ';
    const cases: [unknown, string][] = [
      [{}, 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'],
      [
        { S: 'a', N: '1' },
        'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
      ],
      [{ N: '' }, 'The parameter cannot be converted to a numeric value'],
      [{ N: 'abc' }, 'The parameter cannot be converted to a numeric value: abc'],
      [
        { N: '1e126' },
        'Number overflow. Attempting to store a number with magnitude larger than supported range',
      ],
      [
        { N: '1e-131' },
        'Number underflow. Attempting to store a number with magnitude smaller than supported range',
      ],
      [{ N: '1'.repeat(39) }, 'Attempting to store more than 38 significant digits in a Number'],
      [{ NULL: false }, `${invalid}Null attribute value types must have the value of true`],
      [{ SS: [] }, `${invalid}An string set  may not be empty`],
      [{ NS: [] }, `${invalid}An number set  may not be empty`],
      [{ BS: [] }, `${invalid}Binary sets should not be empty`],
      [{ SS: ['a', 'a'] }, `${invalid}Input collection [a, a] contains duplicates.`],
      [{ NS: ['1', '1.0'] }, 'Input collection contains duplicates'],
      [
        { BS: [Buffer.from('a'), Buffer.from('a')] },
        `${invalid}Input collection [YQ==, YQ==]of type BS contains duplicates.`,
      ],
      [{ L: [{ M: { a: { SS: [] } } }] }, `${invalid}An string set  may not be empty`],
    ];
    for (const [value, message] of cases) assert.equal(refusal(value), message);
  });

  test('values nest 32 levels deep and no deeper', () => {
    assert.equal(refusal(nested(32)), 'accepted');
    assert.match(refusal(nested(33)), /^Nesting Levels have exceeded supported limits/);
    assert.match(refusal(nested(3000)), /^Nesting Levels have exceeded supported limits/);
  });
});

suite('size', () => {
  test('names and values count as the developer guide says', () => {
    const cases: [Item, number][] = [
      [{ a: { S: 'bcd' } }, 4],
      [{ é: { S: '€' } }, 5],
      [{ a: { N: '0' } }, 2],
      [{ a: { N: '12' } }, 3],
      [{ a: { N: '123' } }, 4],
      [{ a: { N: '-12' } }, 4],
      [{ a: { BOOL: true } }, 2],
      [{ a: { NULL: true } }, 2],
      [{ a: { B: Buffer.alloc(10) } }, 11],
      [{ a: { SS: ['b', 'cd'] } }, 4],
      [{ a: { L: [] } }, 4],
      [{ a: { L: [{ S: 'b' }] } }, 6],
      [{ a: { M: { b: { S: 'c' } } } }, 7],
    ];
    for (const [item, size] of cases) assert.equal(itemSizeBytes(item), size, JSON.stringify(item));
  });
});
