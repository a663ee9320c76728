import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DescribeTableCommand,
  GetItemCommand,
  PutItemCommand,
  type UpdateItemCommandInput,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { onFullDisk } from '../../src/testing/broken-store.ts';
import { createMemoryStore } from '../../src/storage/memory/store.ts';
import { compositeTable, HASH_TABLE, refusal, startDynamodb, startDynamodbOver } from './dynamodb-fixture.ts';

suite('DynamoDB items through the SDK', () => {
  test('come back as they were put, every type of them', async () => {
    await using fixture = await startDynamodb(HASH_TABLE);
    const item: Record<string, AttributeValue> = {
      id: { S: 'a' },
      number: { N: '12345678901234567890123456789012345678' },
      binary: { B: new Uint8Array([0, 255, 10]) },
      flag: { BOOL: false },
      nothing: { NULL: true },
      strings: { SS: ['x', 'y'] },
      numbers: { NS: ['1', '2.5'] },
      binaries: { BS: [new Uint8Array([1]), new Uint8Array([2])] },
      list: { L: [{ S: 'é€😀' }, { M: { deep: { B: new Uint8Array([7]) } } }] },
      empty: { S: '' },
    };
    await fixture.put(item);
    assert.deepEqual(await fixture.get({ id: { S: 'a' } }), item);
    await fixture.put({ id: { S: 'b' }, n: { N: '1.50e1' } });
    assert.deepEqual(await fixture.get({ id: { S: 'b' } }), { id: { S: 'b' }, n: { N: '15' } });
  });

  test('a condition guards a write, and the item that failed it can be told', async () => {
    await using fixture = await startDynamodb(HASH_TABLE);
    const { db } = fixture;
    const put = (version: string) =>
      db.send(
        new PutItemCommand({
          TableName: 'orders',
          Item: { id: { S: 'a' }, version: { N: version } },
          ConditionExpression: 'attribute_not_exists(id)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
    await put('1');
    await assert.rejects(put('2'), (error) => {
      assert.ok(error instanceof ConditionalCheckFailedException);
      assert.equal(error.message, 'The conditional request failed');
      assert.deepEqual(error.Item, { id: { S: 'a' }, version: { N: '1' } });
      return true;
    });
    assert.deepEqual((await fixture.get({ id: { S: 'a' } }))?.['version'], { N: '1' });
  });

  test('of many writers that ask for the same, one wins', async () => {
    await using fixture = await startDynamodb(HASH_TABLE);
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, writer) =>
        refusal(
          fixture.update({
            Key: { id: { S: 'lock' } },
            UpdateExpression: 'SET holder = :w',
            ConditionExpression: 'attribute_not_exists(holder)',
            ExpressionAttributeValues: { ':w': { N: String(writer) } },
          }),
        ),
      ),
    );
    assert.equal(results.filter((result) => result === 'accepted').length, 1);
  });

  test('ReturnValues show what was and what is', async () => {
    await using fixture = await startDynamodb(HASH_TABLE);
    const { update, db } = fixture;
    await fixture.put({ id: { S: 'a' }, n: { N: '1' }, m: { M: { x: { S: 'old' }, y: { S: 'kept' } } } });
    const step = (ReturnValues: UpdateItemCommandInput['ReturnValues']) =>
      update({
        Key: { id: { S: 'a' } },
        UpdateExpression: 'SET m.x = :x ADD n :one',
        ExpressionAttributeValues: { ':x': { S: 'new' }, ':one': { N: '1' } },
        ReturnValues,
      }).then(({ Attributes }) => Attributes);
    assert.equal(await step('NONE'), undefined);
    assert.deepEqual(await step('UPDATED_OLD'), { n: { N: '2' }, m: { M: { x: { S: 'new' } } } });
    assert.deepEqual(await step('UPDATED_NEW'), { n: { N: '4' }, m: { M: { x: { S: 'new' } } } });
    assert.deepEqual((await step('ALL_OLD'))?.['n'], { N: '4' });
    assert.deepEqual((await step('ALL_NEW'))?.['n'], { N: '6' });
    const deleted = await db.send(
      new DeleteItemCommand({ TableName: 'orders', Key: { id: { S: 'a' } }, ReturnValues: 'ALL_OLD' }),
    );
    assert.deepEqual(deleted.Attributes?.['n'], { N: '6' });
    assert.equal(await fixture.get({ id: { S: 'a' } }), undefined);
    await update({ Key: { id: { S: 'fresh' } } });
    assert.deepEqual(await fixture.get({ id: { S: 'fresh' } }), { id: { S: 'fresh' } });
  });

  test('keys and sizes that do not fit are refused in AWS words', async () => {
    await using fixture = await startDynamodb(HASH_TABLE);
    const { put, update, db } = fixture;
    const key = { id: { S: 'a' } };
    const invalid = 'ValidationException: One or more parameter values were invalid: ';
    assert.equal(await refusal(put({ x: { S: 'a' } })), `${invalid}Missing the key id in the item`);
    assert.equal(
      await refusal(put({ id: { N: '1' } })),
      `${invalid}Type mismatch for key id expected: S actual: N`,
    );
    assert.match(await refusal(put({ id: { S: '' } })), /cannot contain an empty string value\. Key: id/);
    assert.match(await refusal(put({ id: { S: 'x'.repeat(2049) } })), /Size of hashkey has exceeded/);
    assert.equal(
      await refusal(put({ ...key, big: { S: 'x'.repeat(409_600) } })),
      'ValidationException: Item size has exceeded the maximum allowed size',
    );
    await put({ ...key, big: { S: 'x'.repeat(409_000) } });
    assert.equal(
      await refusal(
        update({
          Key: key,
          UpdateExpression: 'SET more = :v',
          ExpressionAttributeValues: { ':v': { S: 'x'.repeat(1000) } },
        }),
      ),
      'ValidationException: Item size to update has exceeded the maximum allowed size',
    );
    assert.equal(
      await refusal(
        update({
          Key: key,
          UpdateExpression: 'SET id = :v',
          ExpressionAttributeValues: { ':v': { S: 'b' } },
        }),
      ),
      `${invalid}Cannot update attribute id. This attribute is part of the key`,
    );
    const get = (Key: Record<string, AttributeValue>) =>
      refusal(db.send(new GetItemCommand({ TableName: 'orders', Key })));
    assert.equal(
      await get({ other: { S: 'a' } }),
      'ValidationException: The provided key element does not match the schema',
    );
    assert.equal(
      await get({ id: { S: 'a' }, more: { S: 'b' } }),
      'ValidationException: The provided key element does not match the schema',
    );
    assert.equal(
      await refusal(db.send(new GetItemCommand({ TableName: 'nowhere', Key: key }))),
      'ResourceNotFoundException: Requested resource not found',
    );
    assert.equal(
      await refusal(
        db.send(
          new PutItemCommand({
            TableName: 'orders',
            Item: key,
            ConditionExpression: 'id.x = id',
            Expected: { id: { Exists: false } },
          }),
        ),
      ),
      'ValidationException: Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {Expected} Expression parameters: {ConditionExpression}',
    );
  });

  test('capacity is counted by size', async () => {
    await using fixture = await startDynamodb(HASH_TABLE);
    const { db } = fixture;
    const Item = { id: { S: 'a' }, data: { S: 'x'.repeat(5000) } };
    const written = await db.send(
      new PutItemCommand({ TableName: 'orders', Item, ReturnConsumedCapacity: 'INDEXES' }),
    );
    assert.deepEqual(written.ConsumedCapacity, {
      TableName: 'orders',
      CapacityUnits: 5,
      Table: { CapacityUnits: 5 },
    });
    const read = (ConsistentRead: boolean) =>
      db.send(
        new GetItemCommand({
          TableName: 'orders',
          Key: { id: { S: 'a' } },
          ConsistentRead,
          ReturnConsumedCapacity: 'TOTAL',
        }),
      );
    assert.deepEqual((await read(true)).ConsumedCapacity, { TableName: 'orders', CapacityUnits: 2 });
    assert.deepEqual((await read(false)).ConsumedCapacity, { TableName: 'orders', CapacityUnits: 1 });
  });

  test('the count and the size of a table follow its items', async () => {
    await using fixture = await startDynamodb(HASH_TABLE);
    const counts = async () => {
      const { Table: table } = await fixture.db.send(new DescribeTableCommand({ TableName: 'orders' }));
      return [table?.ItemCount, table?.TableSizeBytes];
    };
    await fixture.put({ id: { S: 'a' }, s: { S: 'xyz' } });
    await fixture.put({ id: { S: 'b' } });
    assert.deepEqual(await counts(), [2, 10]);
    await fixture.put({ id: { S: 'a' } });
    await fixture.db.send(new DeleteItemCommand({ TableName: 'orders', Key: { id: { S: 'b' } } }));
    assert.deepEqual(await counts(), [1, 3]);
  });
});

suite('DynamoDB on a disk that is nearly full', () => {
  test('refuses to put, and goes on reading and deleting', async () => {
    const disk = { isFull: false };
    await using fixture = await startDynamodbOver(
      { store: onFullDisk(createMemoryStore(), disk) },
      HASH_TABLE,
    );
    const { db, put, update } = fixture;
    await put({ id: { S: 'a' } });
    disk.isFull = true;
    const refused = /^InternalServerError: The disk of this region is nearly full/;
    const Item = { id: { S: 'b' } };
    assert.match(await refusal(put(Item)), refused);
    assert.match(await refusal(update({ Key: { id: { S: 'b' } } })), refused);
    const RequestItems = { orders: [{ PutRequest: { Item } }] };
    assert.match(await refusal(db.send(new BatchWriteItemCommand({ RequestItems }))), refused);
    const TransactItems = [{ Put: { TableName: 'orders', Item } }];
    assert.match(await refusal(db.send(new TransactWriteItemsCommand({ TransactItems }))), refused);
    assert.deepEqual(await fixture.get({ id: { S: 'a' } }), { id: { S: 'a' } });
    await db.send(new DeleteItemCommand({ TableName: 'orders', Key: { id: { S: 'a' } } }));
    assert.equal(await fixture.get({ id: { S: 'a' } }), undefined);
    disk.isFull = false;
    await put(Item);
  });
});

suite('DynamoDB batches through the SDK', () => {
  test('write and read many items of several tables', async () => {
    await using fixture = await startDynamodb(HASH_TABLE, compositeTable());
    const { db } = fixture;
    await fixture.put({ id: { S: 'gone' } });
    const written = await db.send(
      new BatchWriteItemCommand({
        RequestItems: {
          orders: [
            { PutRequest: { Item: { id: { S: 'a' }, n: { N: '1' } } } },
            { DeleteRequest: { Key: { id: { S: 'gone' } } } },
          ],
          events: [{ PutRequest: { Item: { pk: { S: 'p' }, sk: { S: 's' } } } }],
        },
        ReturnConsumedCapacity: 'TOTAL',
      }),
    );
    assert.deepEqual(written.UnprocessedItems, {});
    assert.deepEqual(written.ConsumedCapacity, [
      { TableName: 'orders', CapacityUnits: 2 },
      { TableName: 'events', CapacityUnits: 1 },
    ]);
    const read = await db.send(
      new BatchGetItemCommand({
        RequestItems: {
          orders: { Keys: [{ id: { S: 'a' } }, { id: { S: 'gone' } }], ProjectionExpression: 'n' },
          events: { Keys: [{ pk: { S: 'p' }, sk: { S: 's' } }] },
        },
      }),
    );
    assert.deepEqual(read.Responses, {
      orders: [{ n: { N: '1' } }],
      events: [{ pk: { S: 'p' }, sk: { S: 's' } }],
    });
    assert.deepEqual(read.UnprocessedKeys, {});
  });

  test('a batch with something wrong in it changes nothing', async () => {
    await using fixture = await startDynamodb(HASH_TABLE);
    const { db } = fixture;
    const good = { PutRequest: { Item: { id: { S: 'a' } } } };
    const write = (...requests: object[]) =>
      refusal(db.send(new BatchWriteItemCommand({ RequestItems: { orders: [good, ...requests] } })));
    assert.equal(
      await write({ DeleteRequest: { Key: { id: { S: 'a' } } } }),
      'ValidationException: Provided list of item keys contains duplicates',
    );
    assert.equal(
      await write({ PutRequest: { Item: { id: { N: '5' } } } }),
      'ValidationException: The provided key element does not match the schema',
    );
    assert.equal(await fixture.get({ id: { S: 'a' } }), undefined);
    const twice = { orders: { Keys: [{ id: { S: 'a' } }, { id: { S: 'a' } }] } };
    assert.equal(
      await refusal(db.send(new BatchGetItemCommand({ RequestItems: twice }))),
      'ValidationException: Provided list of item keys contains duplicates',
    );
  });

  test('a batch has its bounds over all tables together', async () => {
    await using fixture = await startDynamodb(HASH_TABLE, compositeTable());
    const { db } = fixture;
    const puts = (count: number, item: (id: string) => Record<string, AttributeValue>) =>
      Array.from({ length: count }, (_, index) => ({ PutRequest: { Item: item(`id-${index}`) } }));
    const orders = puts(20, (id) => ({ id: { S: id } }));
    const events = puts(6, (id) => ({ pk: { S: id }, sk: { S: id } }));
    assert.equal(
      await refusal(db.send(new BatchWriteItemCommand({ RequestItems: { orders, events } }))),
      'ValidationException: Too many items requested for the BatchWriteItem call',
    );
    const ids = Array.from({ length: 60 }, (_, index) => ({ S: `id-${index}` }));
    const read = new BatchGetItemCommand({
      RequestItems: {
        orders: { Keys: ids.map((id) => ({ id })) },
        events: { Keys: ids.map((id) => ({ pk: id, sk: id })) },
      },
    });
    assert.equal(
      await refusal(db.send(read)),
      'ValidationException: Too many items requested for the BatchGetItem call',
    );
  });

  test('a batch that reads more than 16 MB gives the rest of the keys back', async () => {
    await using fixture = await startDynamodb(HASH_TABLE);
    const ids = Array.from({ length: 45 }, (_, index) => `id-${index}`);
    const data = { S: 'x'.repeat(400_000) };
    await Promise.all(ids.map((id) => fixture.put({ id: { S: id }, data })));
    let keys: Record<string, AttributeValue>[] | undefined = ids.map((id) => ({ id: { S: id } }));
    const seen: (string | undefined)[] = [];
    let calls = 0;
    while (keys !== undefined) {
      const request: BatchGetItemCommand = new BatchGetItemCommand({
        RequestItems: { orders: { Keys: keys, ProjectionExpression: 'id' } },
      });
      const { Responses, UnprocessedKeys } = await fixture.db.send(request);
      seen.push(...(Responses?.['orders'] ?? []).map((item) => item['id']?.S));
      keys = UnprocessedKeys?.['orders']?.Keys;
      calls += 1;
    }
    assert.deepEqual(seen, ids);
    assert.equal(calls, 2);
  });
});
