import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  TransactGetItemsCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { compositeTable, HASH_TABLE, refusal, startDynamodb } from './dynamodb-fixture.ts';

const TableName = 'orders';

async function startTransactions() {
  const fixture = await startDynamodb(HASH_TABLE, compositeTable());
  const write = (items: TransactWriteItem[], more: object = {}) =>
    fixture.db.send(new TransactWriteItemsCommand({ TransactItems: items, ...more }));
  return { ...fixture, write };
}

const put = (id: string, more: object = {}): TransactWriteItem => ({
  Put: { TableName, Item: { id: { S: id } }, ...more },
});

const add = (id: string, amount: string): TransactWriteItem => ({
  Update: {
    TableName,
    Key: { id: { S: id } },
    UpdateExpression: 'ADD balance :a',
    ConditionExpression: 'attribute_exists(id)',
    ExpressionAttributeValues: { ':a': { N: amount } },
  },
});

suite('DynamoDB transactions through the SDK', () => {
  test('all writes happen, in several tables', async () => {
    await using fixture = await startTransactions();
    await fixture.put({ id: { S: 'a' }, balance: { N: '10' } });
    await fixture.put({ id: { S: 'old' } });
    const { ConsumedCapacity } = await fixture.write(
      [
        add('a', '-4'),
        { Put: { TableName: 'events', Item: { pk: { S: 'p' }, sk: { S: 's' } } } },
        { Delete: { TableName, Key: { id: { S: 'old' } } } },
        {
          ConditionCheck: {
            TableName,
            Key: { id: { S: 'none' } },
            ConditionExpression: 'attribute_not_exists(id)',
          },
        },
      ],
      { ReturnConsumedCapacity: 'TOTAL' },
    );
    assert.deepEqual(ConsumedCapacity, [
      { TableName, CapacityUnits: 6, WriteCapacityUnits: 6 },
      { TableName: 'events', CapacityUnits: 2, WriteCapacityUnits: 2 },
    ]);
    const { Responses } = await fixture.db.send(
      new TransactGetItemsCommand({
        TransactItems: [
          { Get: { TableName, Key: { id: { S: 'a' } }, ProjectionExpression: 'balance' } },
          { Get: { TableName, Key: { id: { S: 'old' } } } },
          { Get: { TableName: 'events', Key: { pk: { S: 'p' }, sk: { S: 's' } } } },
        ],
      }),
    );
    assert.deepEqual(Responses, [
      { Item: { balance: { N: '6' } } },
      {},
      { Item: { pk: { S: 'p' }, sk: { S: 's' } } },
    ]);
  });

  test('one that fails cancels all, and each is told its reason', async () => {
    await using fixture = await startTransactions();
    await fixture.put({ id: { S: 'taken' }, owner: { S: 'x' } });
    const guarded = put('taken', {
      ConditionExpression: 'attribute_not_exists(id)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    const wrongType: TransactWriteItem = { Put: { TableName, Item: { id: { N: '5' } } } };
    const wrongKey: TransactWriteItem = { Delete: { TableName, Key: { id: { N: '5' } } } };
    await assert.rejects(fixture.write([put('fresh'), guarded, wrongType, wrongKey]), (error) => {
      assert.ok(error instanceof TransactionCanceledException);
      assert.equal(
        error.message,
        'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, ValidationError, ValidationError]',
      );
      assert.deepEqual(error.CancellationReasons, [
        { Code: 'None' },
        {
          Code: 'ConditionalCheckFailed',
          Message: 'The conditional request failed',
          Item: { id: { S: 'taken' }, owner: { S: 'x' } },
        },
        {
          Code: 'ValidationError',
          Message:
            'One or more parameter values were invalid: Type mismatch for key id expected: S actual: N',
        },
        { Code: 'ValidationError', Message: 'The provided key element does not match the schema' },
      ]);
      return true;
    });
    assert.equal(await fixture.get({ id: { S: 'fresh' } }), undefined);
  });

  test('a request that is wrong as a whole is refused as a whole', async () => {
    await using fixture = await startTransactions();
    const { write } = fixture;
    const cases: [Promise<unknown>, string][] = [
      [
        write([put('a'), put('a')]),
        'ValidationException: Transaction request cannot include multiple operations on one item',
      ],
      [
        write([put('')]),
        'ValidationException: One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: id',
      ],
      [
        write([{ Put: { TableName: 'nowhere', Item: { id: { S: 'a' } } } }]),
        'ResourceNotFoundException: Requested resource not found',
      ],
      [
        write([{ ...put('a'), ...add('a', '1') }]),
        'ValidationException: TransactItems can only contain one of Check, Put, Update or Delete',
      ],
      [
        write([put('a', { ConditionExpression: 'attribute_not_exists(' })]),
        'ValidationException: Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "("',
      ],
    ];
    for (const [attempt, message] of cases) assert.equal(await refusal(attempt), message);
  });

  test('a token makes the same transaction happen once, and another one none', async () => {
    await using fixture = await startTransactions();
    await fixture.put({ id: { S: 'a' }, balance: { N: '0' } });
    const once = { ClientRequestToken: 'transfer-1' };
    await fixture.write([add('a', '1')], once);
    await fixture.write([add('a', '1')], once);
    assert.deepEqual((await fixture.get({ id: { S: 'a' } }))?.['balance'], { N: '1' });
    assert.match(
      await refusal(fixture.write([add('a', '2')], once)),
      /^IdempotentParameterMismatchException/,
    );
  });

  test('money that is moved about by many is neither made nor lost', async () => {
    await using fixture = await startTransactions();
    const accounts = ['a', 'b', 'c'];
    for (const id of accounts) await fixture.put({ id: { S: id }, balance: { N: '100' } });
    const moves = Array.from({ length: 60 }, (_, index) => {
      const [from = '', to = ''] = [accounts[index % 3], accounts[(index + 1) % 3]];
      const guarded: TransactWriteItem = {
        Update: {
          TableName,
          Key: { id: { S: from } },
          UpdateExpression: 'SET balance = balance - :a',
          ConditionExpression: 'balance >= :a',
          ExpressionAttributeValues: { ':a': { N: String(index) } },
        },
      };
      return refusal(fixture.write([guarded, add(to, String(index))]));
    });
    const outcomes = await Promise.all(moves);
    assert.ok(
      outcomes.every((outcome) => outcome === 'accepted' || outcome.startsWith('TransactionCanceled')),
    );
    const balances = await Promise.all(accounts.map((id) => fixture.get({ id: { S: id } })));
    const amounts = balances.map((item) => Number(item?.['balance']?.N));
    assert.equal(
      amounts.reduce((sum, amount) => sum + amount, 0),
      300,
    );
    assert.ok(amounts.every((amount) => amount >= 0));
  });
});
