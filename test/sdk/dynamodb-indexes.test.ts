import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  type AttributeValue,
  BatchWriteItemCommand,
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteItemCommand,
  DescribeTableCommand,
  type GlobalSecondaryIndexDescription,
  type GlobalSecondaryIndexUpdate,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  UpdateItemCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import { HASH_TABLE, refusal, startDynamodb } from './dynamodb-fixture.ts';

/** Orders by customer and day, with a global index by state and a local one by amount. */
const TABLE = {
  TableName: 'orders',
  AttributeDefinitions: [
    { AttributeName: 'customer', AttributeType: 'S' },
    { AttributeName: 'day', AttributeType: 'S' },
    { AttributeName: 'state', AttributeType: 'S' },
    { AttributeName: 'amount', AttributeType: 'N' },
  ],
  KeySchema: [
    { AttributeName: 'customer', KeyType: 'HASH' },
    { AttributeName: 'day', KeyType: 'RANGE' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
  GlobalSecondaryIndexes: [
    {
      IndexName: 'byState',
      KeySchema: [
        { AttributeName: 'state', KeyType: 'HASH' },
        { AttributeName: 'amount', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    },
    {
      IndexName: 'states',
      KeySchema: [{ AttributeName: 'state', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['note'] },
    },
  ],
  LocalSecondaryIndexes: [
    {
      IndexName: 'byAmount',
      KeySchema: [
        { AttributeName: 'customer', KeyType: 'HASH' },
        { AttributeName: 'amount', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
} satisfies CreateTableCommandInput;

type Item = Record<string, AttributeValue>;

const order = (customer: string, day: string, more: Item = {}): Item => ({
  customer: { S: customer },
  day: { S: day },
  ...more,
});

async function startIndexes() {
  const fixture = await startDynamodb(TABLE);
  const query = (IndexName: string, input: Partial<QueryCommandInput>) =>
    fixture.db.send(new QueryCommand({ TableName: 'orders', IndexName, ...input }));
  return {
    ...fixture,
    query,
    /** The days of the orders in a state, cheapest first. */
    days: async (state: string, more: Partial<QueryCommandInput> = {}) => {
      const { Items } = await query('byState', {
        KeyConditionExpression: '#s = :s',
        ExpressionAttributeNames: { '#s': 'state' },
        ExpressionAttributeValues: { ':s': { S: state } },
        ...more,
      });
      return (Items ?? []).map((item) => item['day']?.S);
    },
  };
}

suite('DynamoDB indexes through the SDK', () => {
  test('an index holds the items that have its key, in its order, and follows their changes', async () => {
    await using fixture = await startIndexes();
    const { put, days, db } = fixture;
    await put(order('a', '1', { state: { S: 'open' }, amount: { N: '20' } }));
    await put(order('b', '2', { state: { S: 'open' }, amount: { N: '-3' } }));
    await put(order('c', '3', { state: { S: 'open' }, amount: { N: '100' } }));
    await put(order('d', '4', { state: { S: 'open' } }));
    await put(order('e', '5', { amount: { N: '1' } }));
    assert.deepEqual(await days('open'), ['2', '1', '3']);
    assert.deepEqual(await days('open', { ScanIndexForward: false, Limit: 1 }), ['3']);
    await db.send(
      new UpdateItemCommand({
        TableName: 'orders',
        Key: order('a', '1'),
        UpdateExpression: 'SET #s = :paid',
        ExpressionAttributeNames: { '#s': 'state' },
        ExpressionAttributeValues: { ':paid': { S: 'paid' } },
      }),
    );
    await db.send(new DeleteItemCommand({ TableName: 'orders', Key: order('c', '3') }));
    assert.deepEqual([await days('open'), await days('paid')], [['2'], ['1']]);
    await put(order('b', '2'));
    assert.deepEqual(await days('open'), []);
    const { Table: table } = await db.send(new DescribeTableCommand({ TableName: 'orders' }));
    const counts = [...(table?.GlobalSecondaryIndexes ?? []), ...(table?.LocalSecondaryIndexes ?? [])].map(
      ({ IndexName, ItemCount }) => [IndexName, ItemCount],
    );
    assert.deepEqual(counts, [
      ['byState', 1],
      ['states', 2],
      ['byAmount', 2],
    ]);
  });

  test('items with the same index key are all there, and pages go on between them', async () => {
    await using fixture = await startIndexes();
    const customers = Array.from({ length: 9 }, (_, index) => `c${index}`);
    for (const customer of customers) {
      await fixture.put(order(customer, '1', { state: { S: 'open' }, amount: { N: '5' } }));
    }
    for (const ScanIndexForward of [true, false]) {
      const seen: string[] = [];
      let start: Item | undefined;
      do {
        const page = await fixture.query('byState', {
          KeyConditionExpression: '#s = :s AND amount = :a',
          ExpressionAttributeNames: { '#s': 'state' },
          ExpressionAttributeValues: { ':s': { S: 'open' }, ':a': { N: '5' } },
          Limit: 2,
          ScanIndexForward,
          ExclusiveStartKey: start,
        });
        seen.push(...(page.Items ?? []).map((item) => item['customer']?.S ?? ''));
        start = page.LastEvaluatedKey;
        if (start !== undefined) {
          assert.deepEqual(Object.keys(start).toSorted(), ['amount', 'customer', 'day', 'state']);
        }
      } while (start !== undefined);
      assert.deepEqual(seen.toSorted(), customers);
    }
  });

  test('sort conditions of an index leave out what only begins alike', async () => {
    await using fixture = await startIndexes();
    for (const [day, amount] of [
      ['1', '1'],
      ['2', '1.5'],
      ['3', '2'],
      ['4', '10'],
    ] as const) {
      await fixture.put(order('a', day, { state: { S: 'open' }, amount: { N: amount } }));
    }
    const run = async (condition: string) => {
      const { Items } = await fixture.query('byAmount', {
        KeyConditionExpression: `customer = :c AND amount ${condition}`,
        ExpressionAttributeValues: {
          ':c': { S: 'a' },
          ':a': { N: '1' },
          ...(condition.includes(':b') ? { ':b': { N: '2' } } : {}),
        },
      });
      return (Items ?? []).map((item) => item['amount']?.N);
    };
    assert.deepEqual(await run('= :a'), ['1']);
    assert.deepEqual(await run('> :a'), ['1.5', '2', '10']);
    assert.deepEqual(await run('<= :a'), ['1']);
    assert.deepEqual(await run('BETWEEN :a AND :b'), ['1', '1.5', '2']);
  });

  test('an index shows what it projects; a local one fetches the rest when asked', async () => {
    await using fixture = await startIndexes();
    const { query } = fixture;
    const rest: Item = { note: { S: 'n' }, secret: { S: 's' } };
    await fixture.put(order('a', '1', { state: { S: 'open' }, amount: { N: '1' }, ...rest }));
    const byState = {
      KeyConditionExpression: '#s = :s',
      ExpressionAttributeNames: { '#s': 'state' },
      ExpressionAttributeValues: { ':s': { S: 'open' } },
    };
    const shown = async (index: string, input: Partial<QueryCommandInput>) =>
      Object.keys((await query(index, input)).Items?.[0] ?? {}).toSorted();
    assert.deepEqual(await shown('states', byState), ['customer', 'day', 'note', 'state']);
    assert.equal((await shown('byState', byState)).length, 6);
    const byAmount = {
      KeyConditionExpression: 'customer = :c',
      ExpressionAttributeValues: { ':c': { S: 'a' } },
    };
    assert.deepEqual(await shown('byAmount', byAmount), ['amount', 'customer', 'day']);
    assert.deepEqual(await shown('byAmount', { ...byAmount, ProjectionExpression: 'secret' }), ['secret']);
    assert.equal((await shown('byAmount', { ...byAmount, Select: 'ALL_ATTRIBUTES' })).length, 6);
    const refusals: [Partial<QueryCommandInput>, string][] = [
      [
        { ProjectionExpression: 'secret' },
        'One or more parameter values were invalid: Global secondary index states does not project [secret]',
      ],
      [
        { Select: 'ALL_ATTRIBUTES' },
        'One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index states because its projection type is not ALL',
      ],
      [{ ConsistentRead: true }, 'Consistent reads are not supported on global secondary indexes'],
    ];
    for (const [more, message] of refusals) {
      assert.equal(
        await refusal(query('states', { ...byState, ...more })),
        `ValidationException: ${message}`,
      );
    }
  });

  test('a Scan of an index shows what is in it, in segments too', async () => {
    await using fixture = await startIndexes();
    const days = Array.from({ length: 30 }, (_, index) => `${index}`);
    for (const day of days) await fixture.put(order('a', day, { state: { S: `s${day}` } }));
    await fixture.put(order('b', 'none'));
    const segments = await Promise.all(
      [0, 1].map((Segment) =>
        fixture.db.send(
          new ScanCommand({ TableName: 'orders', IndexName: 'states', Segment, TotalSegments: 2 }),
        ),
      ),
    );
    assert.ok(segments.every(({ Count }) => (Count ?? 0) > 5));
    const seen = segments.flatMap(({ Items }) => (Items ?? []).map((item) => item['day']?.S ?? ''));
    assert.deepEqual(seen.toSorted(), days.toSorted());
  });

  test('values that no index can have as its key are refused in AWS words', async () => {
    await using fixture = await startIndexes();
    const { put, db } = fixture;
    const mismatch =
      'ValidationException: One or more parameter values were invalid: Type mismatch for Index Key amount Expected: N Actual: S IndexName: byAmount';
    const wrong = order('a', '1', { amount: { S: 'x' } });
    assert.equal(await refusal(put(wrong)), mismatch);
    assert.equal(
      await refusal(
        db.send(new BatchWriteItemCommand({ RequestItems: { orders: [{ PutRequest: { Item: wrong } }] } })),
      ),
      mismatch,
    );
    assert.match(
      await refusal(put(order('a', '1', { state: { S: '' } }))),
      /A value specified for a secondary index key is not supported\..* IndexName: byState, IndexKey: state$/,
    );
    await put(order('a', '1', { elsewhere: { S: 'x' } }));
    assert.match(
      await refusal(
        db.send(
          new UpdateItemCommand({
            TableName: 'orders',
            Key: order('a', '1'),
            UpdateExpression: 'SET amount = elsewhere',
          }),
        ),
      ),
      /Type mismatch for Index Key amount Expected: N Actual: S/,
    );
  });

  test('writes and reads of indexes are counted', async () => {
    await using fixture = await startIndexes();
    const Item = order('a', '1', { state: { S: 'open' }, amount: { N: '1' } });
    const put = (item: Item) =>
      fixture.db.send(
        new PutItemCommand({ TableName: 'orders', Item: item, ReturnConsumedCapacity: 'INDEXES' }),
      );
    const first = await put(Item);
    assert.deepEqual(first.ConsumedCapacity, {
      TableName: 'orders',
      CapacityUnits: 4,
      Table: { CapacityUnits: 1 },
      GlobalSecondaryIndexes: { byState: { CapacityUnits: 1 }, states: { CapacityUnits: 1 } },
      LocalSecondaryIndexes: { byAmount: { CapacityUnits: 1 } },
    });
    const same = await put(Item);
    assert.equal(same.ConsumedCapacity?.CapacityUnits, 1, 'an index that shows the same costs nothing');
    const moved = await put({ ...Item, amount: { N: '2' } });
    assert.deepEqual(moved.ConsumedCapacity?.GlobalSecondaryIndexes, { byState: { CapacityUnits: 2 } });
  });

  test('an index can come to a table and go from it', async () => {
    await using fixture = await startDynamodb(HASH_TABLE);
    const { db } = fixture;
    for (const id of ['a', 'b', 'c']) await fixture.put({ id: { S: id }, team: { S: 't' } });
    const TableName = 'orders';
    const Create = {
      IndexName: 'byTeam',
      KeySchema: [{ AttributeName: 'team', KeyType: 'HASH' as const }],
      Projection: { ProjectionType: 'ALL' as const },
    };
    const AttributeDefinitions = [
      ...HASH_TABLE.AttributeDefinitions,
      { AttributeName: 'team', AttributeType: 'S' as const },
    ];
    const change = (update: GlobalSecondaryIndexUpdate) =>
      db.send(
        new UpdateTableCommand({ TableName, AttributeDefinitions, GlobalSecondaryIndexUpdates: [update] }),
      );
    const created = await change({ Create });
    assert.equal(created.TableDescription?.GlobalSecondaryIndexes?.[0]?.IndexStatus, 'CREATING');
    let index: GlobalSecondaryIndexDescription | undefined;
    while (index?.IndexStatus !== 'ACTIVE') {
      const { Table: table } = await db.send(new DescribeTableCommand({ TableName }));
      index = table?.GlobalSecondaryIndexes?.[0];
    }
    assert.equal(index.ItemCount, 3);
    const query = new QueryCommand({
      TableName,
      IndexName: 'byTeam',
      KeyConditionExpression: 'team = :t',
      ExpressionAttributeValues: { ':t': { S: 't' } },
    });
    assert.equal((await db.send(query)).Count, 3);
    assert.equal(
      await refusal(change({ Create })),
      'ValidationException: Attempting to create an index which already exists',
    );
    assert.match(await refusal(change({ Delete: { IndexName: 'nope' } })), /^ResourceNotFoundException/);
    await change({ Delete: { IndexName: 'byTeam' } });
    assert.match(await refusal(db.send(query)), /does not have the specified index: byTeam/);
    const { Table: table } = await db.send(new DescribeTableCommand({ TableName }));
    assert.deepEqual(table?.AttributeDefinitions, HASH_TABLE.AttributeDefinitions);
  });

  test('indexes that cannot be are refused in AWS words', async () => {
    await using fixture = await startDynamodb();
    const create = (more: object) =>
      refusal(fixture.db.send(new CreateTableCommand({ ...HASH_TABLE, ...more })));
    const AttributeDefinitions = [
      { AttributeName: 'id', AttributeType: 'S' },
      { AttributeName: 'g', AttributeType: 'S' },
    ];
    const index = {
      IndexName: 'index',
      KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    };
    const invalid = 'ValidationException: One or more parameter values were invalid: ';
    const cases: [object, string][] = [
      [{ GlobalSecondaryIndexes: [index, index] }, 'Duplicate index name: index'],
      [
        { GlobalSecondaryIndexes: [{ ...index, Projection: { ProjectionType: 'INCLUDE' } }] },
        'ProjectionType is INCLUDE, but NonKeyAttributes is not specified',
      ],
      [{ GlobalSecondaryIndexes: [] }, 'List of GlobalSecondaryIndexes is empty'],
      [
        { LocalSecondaryIndexes: [index] },
        'Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex',
      ],
      [
        {
          GlobalSecondaryIndexes: Array.from({ length: 21 }, (_, n) => ({
            ...index,
            IndexName: `index${n}`,
          })),
        },
        'GlobalSecondaryIndex count exceeds the per-table limit of 20',
      ],
    ];
    for (const [more, message] of cases) {
      const found = await create({ AttributeDefinitions, ...more });
      assert.ok(found === invalid + message || /Member must have length/.test(found), found);
    }
  });
});
