import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ExecuteStatementCommand,
  ListTablesCommand,
  ListTagsOfResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import { compositeTable, HASH_TABLE, refusal, startDynamodb } from './dynamodb-fixture.ts';

suite('DynamoDB tables through the SDK', () => {
  test('are created, described, listed and deleted as the waiters of the SDK expect', async () => {
    await using fixture = await startDynamodb();
    const { db } = fixture;
    const created = await db.send(new CreateTableCommand(HASH_TABLE));
    assert.equal(created.TableDescription?.TableStatus, 'CREATING');
    await waitUntilTableExists({ client: db, maxWaitTime: 30 }, { TableName: 'orders' });
    const { Table: table } = await db.send(new DescribeTableCommand({ TableName: 'orders' }));
    assert.equal(table?.TableStatus, 'ACTIVE');
    assert.equal(table?.TableArn, 'arn:aws:dynamodb:us-east-1:000000000000:table/orders');
    assert.deepEqual(table?.KeySchema, HASH_TABLE.KeySchema);
    assert.equal(table?.BillingModeSummary?.BillingMode, 'PAY_PER_REQUEST');
    assert.ok(table?.CreationDateTime instanceof Date);
    assert.equal(
      await refusal(db.send(new CreateTableCommand(HASH_TABLE))),
      'ResourceInUseException: Table already exists: orders',
    );
    await db.send(new CreateTableCommand(compositeTable()));
    const first = await db.send(new ListTablesCommand({ Limit: 1 }));
    assert.deepEqual(first.TableNames, ['events']);
    const second = await db.send(
      new ListTablesCommand({ ExclusiveStartTableName: first.LastEvaluatedTableName }),
    );
    assert.deepEqual([second.TableNames, second.LastEvaluatedTableName], [['orders'], undefined]);
    const deleted = await db.send(new DeleteTableCommand({ TableName: 'orders' }));
    assert.equal(deleted.TableDescription?.TableStatus, 'DELETING');
    await waitUntilTableNotExists({ client: db, maxWaitTime: 30 }, { TableName: 'orders' });
    assert.equal(
      await refusal(db.send(new DescribeTableCommand({ TableName: 'orders' }))),
      'ResourceNotFoundException: Requested resource not found: Table: orders not found',
    );
  });

  test('a table made again under its name is empty', async () => {
    await using fixture = await startDynamodb(HASH_TABLE);
    await fixture.put({ id: { S: 'a' } });
    await fixture.db.send(new DeleteTableCommand({ TableName: 'orders' }));
    await fixture.db.send(new CreateTableCommand(HASH_TABLE));
    assert.equal(await fixture.get({ id: { S: 'a' } }), undefined);
  });

  test('billing, protection, tags and time to live are kept', async () => {
    await using fixture = await startDynamodb(HASH_TABLE);
    const { db } = fixture;
    const TableName = 'orders';
    const throughput = { ReadCapacityUnits: 5, WriteCapacityUnits: 6 };
    await db.send(
      new UpdateTableCommand({
        TableName,
        BillingMode: 'PROVISIONED',
        ProvisionedThroughput: throughput,
        DeletionProtectionEnabled: true,
      }),
    );
    const { Table: table } = await db.send(new DescribeTableCommand({ TableName }));
    assert.equal(table?.ProvisionedThroughput?.WriteCapacityUnits, 6);
    assert.match(await refusal(db.send(new DeleteTableCommand({ TableName }))), /protected against deletion/);
    assert.match(
      await refusal(db.send(new UpdateTableCommand({ TableName, ProvisionedThroughput: throughput }))),
      /The provisioned throughput for the table will not change/,
    );
    const ResourceArn = table?.TableArn;
    await db.send(
      new TagResourceCommand({
        ResourceArn,
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '2' },
        ],
      }),
    );
    await db.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['a'] }));
    const { Tags } = await db.send(new ListTagsOfResourceCommand({ ResourceArn }));
    assert.deepEqual(Tags, [{ Key: 'b', Value: '2' }]);
    const TimeToLiveSpecification = { Enabled: true, AttributeName: 'expires' };
    await db.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
    const { TimeToLiveDescription } = await db.send(new DescribeTimeToLiveCommand({ TableName }));
    assert.deepEqual(TimeToLiveDescription, { AttributeName: 'expires', TimeToLiveStatus: 'ENABLED' });
    const { ContinuousBackupsDescription } = await db.send(
      new DescribeContinuousBackupsCommand({ TableName }),
    );
    assert.equal(
      ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus,
      'DISABLED',
    );
  });

  test('a table has at most 50 tags', async () => {
    await using fixture = await startDynamodb(HASH_TABLE);
    const { db } = fixture;
    const { Table: table } = await db.send(new DescribeTableCommand({ TableName: 'orders' }));
    const ResourceArn = table?.TableArn;
    const tags = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) => ({ Key: `k${from + index}`, Value: 'v' }));
    await db.send(new TagResourceCommand({ ResourceArn, Tags: tags(0, 50) }));
    await db.send(new TagResourceCommand({ ResourceArn, Tags: tags(0, 1) }));
    assert.match(
      await refusal(db.send(new TagResourceCommand({ ResourceArn, Tags: tags(50, 1) }))),
      /^ValidationException: Too many tags/,
    );
    const nowhere = 'arn:aws:dynamodb:us-east-1:000000000000:table/nowhere';
    assert.equal(
      await refusal(db.send(new ListTagsOfResourceCommand({ ResourceArn: nowhere }))),
      `ResourceNotFoundException: Requested resource not found: ResourcArn: ${nowhere} not found`,
    );
  });

  test('what is not built is refused by name', async () => {
    await using fixture = await startDynamodb();
    const { db } = fixture;
    const create = (more: object) => refusal(db.send(new CreateTableCommand({ ...HASH_TABLE, ...more })));
    assert.match(
      await create({ StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' } }),
      /^NotImplemented: .*StreamSpecification\.StreamEnabled/,
    );
    assert.match(
      await create({ SSESpecification: { Enabled: true } }),
      /^NotImplemented: .*SSESpecification/,
    );
    const statement = { Statement: 'SELECT * FROM orders' };
    assert.match(await refusal(db.send(new ExecuteStatementCommand(statement))), /^NotImplemented: /);
  });

  test('a table that cannot be is refused in AWS words', async () => {
    await using fixture = await startDynamodb();
    const create = (more: object) =>
      refusal(fixture.db.send(new CreateTableCommand({ ...HASH_TABLE, ...more })));
    const cases: [object, string][] = [
      [
        { KeySchema: [{ AttributeName: 'x', KeyType: 'HASH' }] },
        'One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [x], AttributeDefinitions: [id]',
      ],
      [
        {
          KeySchema: [
            { AttributeName: 'id', KeyType: 'HASH' },
            { AttributeName: 'id', KeyType: 'RANGE' },
          ],
        },
        'Invalid KeySchema: Some index key attribute have no definition',
      ],
      [
        { KeySchema: [{ AttributeName: 'id', KeyType: 'RANGE' }] },
        'Invalid KeySchema: The first KeySchemaElement is not a HASH key type',
      ],
      [
        { ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 } },
        'One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
      ],
      [{ TableName: 'ab' }, 'TableName must be at least 3 characters long and at most 255 characters long'],
    ];
    for (const [more, message] of cases) assert.equal(await create(more), `ValidationException: ${message}`);
  });
});
