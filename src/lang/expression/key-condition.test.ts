import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Item } from './attribute-value.ts';
import { compileKeyCondition } from './key-condition.ts';
import {
  compileAttributeUpdates,
  compileExpected,
  compileKeyConditions,
  compileLegacyFilter,
} from './legacy.ts';
import { Substitutions } from './substitutions.ts';

const VALUES: Item = { ':a': { S: 'a' }, ':b': { S: 'b' } };

function tests(text: string): Record<string, unknown> {
  return Object.fromEntries(
    compileKeyCondition(text, new Substitutions({ ExpressionAttributeValues: VALUES })),
  );
}

function refusal(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
}

suite('key condition', () => {
  test('the tests are read off the expression', () => {
    assert.deepEqual(tests('pk = :a AND sk BETWEEN :a AND :b'), {
      pk: { operator: '=', values: [{ S: 'a' }] },
      sk: { operator: 'between', values: [{ S: 'a' }, { S: 'b' }] },
    });
    assert.deepEqual(tests('(:a < sk) AND (pk = :b)')['sk'], { operator: '>', values: [{ S: 'a' }] });
    assert.deepEqual(tests('begins_with(sk, :a)')['sk'], { operator: 'begins_with', values: [{ S: 'a' }] });
  });

  test('what a key condition cannot say is refused in AWS words', () => {
    const cases: [string, string][] = [
      ['pk = :a OR sk = :b', 'Invalid operator used in KeyConditionExpression: OR'],
      ['NOT pk = :a', 'Invalid operator used in KeyConditionExpression: NOT'],
      ['pk IN (:a)', 'Invalid operator used in KeyConditionExpression: IN'],
      ['pk <> :a', 'Invalid operator used in KeyConditionExpression: <>'],
      ['contains(pk, :a)', 'Invalid operator used in KeyConditionExpression: contains'],
      ['size(pk) = :a', 'KeyConditionExpressions cannot contain nested operations'],
      [
        'pk = sk',
        'Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition',
      ],
      [':a = :b', 'Invalid condition in KeyConditionExpression: No key attribute specified'],
      ['pk.x = :a', 'KeyConditionExpressions cannot have conditions on nested attributes'],
      ['pk = :a AND pk = :b', 'KeyConditionExpressions must only contain one condition per key'],
      [
        'begins_with(:a, pk)',
        'Invalid condition in KeyConditionExpression: begins_with operator must have the key attribute as its first operand',
      ],
      ['', 'Invalid KeyConditionExpression: The expression can not be empty;'],
      ['((pk = :a))', 'Invalid KeyConditionExpression: The expression has redundant parentheses;'],
    ];
    for (const [text, message] of cases)
      assert.equal(
        refusal(() => tests(text)),
        message,
        text,
      );
  });
});

suite('legacy parameters', () => {
  const item: Item = { n: { N: '5' }, name: { S: 'x' }, tags: { SS: ['a'] } };

  test('filters hold as the expressions that they stand for', () => {
    const holds = (operator: string, values: Item[string][], attribute = 'n'): boolean =>
      compileLegacyFilter(
        { [attribute]: { ComparisonOperator: operator, AttributeValueList: values } },
        undefined,
      ).holds(item);
    assert.equal(holds('EQ', [{ N: '5.0' }]), true);
    assert.equal(holds('NE', [{ N: '5' }]), false);
    assert.equal(holds('BETWEEN', [{ N: '1' }, { N: '9' }]), true);
    assert.equal(holds('IN', [{ N: '1' }, { N: '5' }]), true);
    assert.equal(holds('NULL', [], 'nothing'), true);
    assert.equal(holds('NOT_NULL', [], 'name'), true);
    assert.equal(holds('CONTAINS', [{ S: 'a' }], 'tags'), true);
    assert.equal(holds('NOT_CONTAINS', [{ S: 'a' }], 'tags'), false);
  });

  test('ConditionalOperator joins them', () => {
    const filter = {
      n: { ComparisonOperator: 'EQ', AttributeValueList: [{ N: '5' }] },
      name: { ComparisonOperator: 'EQ', AttributeValueList: [{ S: 'other' }] },
    };
    assert.equal(compileLegacyFilter(filter, 'AND').holds(item), false);
    assert.equal(compileLegacyFilter(filter, 'OR').holds(item), true);
  });

  test('Expected takes Exists and Value, or a comparison', () => {
    assert.equal(compileExpected({ nothing: { Exists: false } }, undefined).holds(item), true);
    assert.equal(compileExpected({ n: { Value: { N: '5' } } }, undefined).holds(item), true);
    assert.equal(
      compileExpected({ n: { ComparisonOperator: 'GT', Value: { N: '4' } } }, undefined).holds(item),
      true,
    );
    assert.equal(
      refusal(() => compileExpected({ n: { Exists: true } }, undefined)),
      'One or more parameter values were invalid: Value must be provided when Exists is true for Attribute: n',
    );
    assert.equal(
      refusal(() => compileExpected({ n: { ComparisonOperator: 'LT', Value: { SS: ['a'] } } }, undefined)),
      'One or more parameter values were invalid: ComparisonOperator LT is not valid for SS AttributeValue type',
    );
  });

  test('AttributeUpdates put, add and delete', () => {
    const { apply } = compileAttributeUpdates({
      n: { Action: 'ADD', Value: { N: '1' } },
      name: { Action: 'DELETE' },
      tags: { Action: 'DELETE', Value: { SS: ['a'] } },
      list: { Action: 'ADD', Value: { L: [{ S: 'z' }] } },
      status: { Value: { S: 'done' } },
    });
    assert.deepEqual(apply(item), { n: { N: '6' }, list: { L: [{ S: 'z' }] }, status: { S: 'done' } });
  });

  test('KeyConditions become key tests', () => {
    const conditions = { pk: { ComparisonOperator: 'EQ', AttributeValueList: [{ S: 'a' }] } };
    assert.deepEqual(compileKeyConditions(conditions).get('pk'), { operator: '=', values: [{ S: 'a' }] });
    assert.equal(
      refusal(() => compileKeyConditions({ pk: { ComparisonOperator: 'NOT_NULL' } })),
      'Attempted conditional constraint is not an indexable operation',
    );
  });
});
