import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type AttributeValue, ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { compositeTable, HASH_TABLE, refusal, startDynamodb } from './dynamodb-fixture.ts';

suite('DynamoDB Query and Scan through the SDK', () => {
  const sk = (items: Record<string, AttributeValue>[] | undefined) =>
    (items ?? []).map((item) => item['sk']?.S ?? item['sk']?.N);

  test('a Query reads a part of one partition in order', async () => {
    await using fixture = await startDynamodb(compositeTable());
    const { query } = fixture;
    for (const sort of ['b', 'a', 'aa', 'ab', 'c', '\u{1F600}'])
      await fixture.put({ pk: { S: 'p' }, sk: { S: sort } }, 'events');
    await fixture.put({ pk: { S: 'q' }, sk: { S: 'a' } }, 'events');
    const run = async (condition: string, values: Record<string, string>, more: object = {}) =>
      sk(
        (
          await query({
            KeyConditionExpression: `pk = :p${condition === '' ? '' : ` AND ${condition}`}`,
            ExpressionAttributeValues: Object.fromEntries(
              Object.entries({ ':p': 'p', ...values }).map(([name, S]) => [name, { S }]),
            ),
            ...more,
          })
        ).Items,
      );
    assert.deepEqual(await run('', {}), ['a', 'aa', 'ab', 'b', 'c', '\u{1F600}']);
    assert.deepEqual(await run('', {}, { ScanIndexForward: false, Limit: 2 }), ['\u{1F600}', 'c']);
    assert.deepEqual(await run('sk = :a', { ':a': 'a' }), ['a']);
    assert.deepEqual(await run('sk < :a', { ':a': 'ab' }), ['a', 'aa']);
    assert.deepEqual(await run('sk <= :a', { ':a': 'ab' }), ['a', 'aa', 'ab']);
    assert.deepEqual(await run('sk > :a', { ':a': 'b' }), ['c', '\u{1F600}']);
    assert.deepEqual(await run('sk >= :a', { ':a': 'b' }), ['b', 'c', '\u{1F600}']);
    assert.deepEqual(await run('sk BETWEEN :a AND :b', { ':a': 'aa', ':b': 'b' }), ['aa', 'ab', 'b']);
    assert.deepEqual(await run('begins_with(sk, :a)', { ':a': 'a' }), ['a', 'aa', 'ab']);
    assert.deepEqual(
      await run('', {}, { Limit: 2, ExclusiveStartKey: { pk: { S: 'p' }, sk: { S: 'aaa' } } }),
      ['ab', 'b'],
    );
  });

  test('numbers sort by value and binaries by their bytes', async () => {
    await using fixture = await startDynamodb(compositeTable('N'));
    const numbers = ['-100', '-1.5', '-1', '0', '0.001', '2', '10', '1E20'];
    for (const N of numbers.toReversed()) await fixture.put({ pk: { S: 'p' }, sk: { N } }, 'events');
    const { Items } = await fixture.query({
      KeyConditionExpression: 'pk = :p AND sk > :n',
      ExpressionAttributeValues: { ':p': { S: 'p' }, ':n': { N: '-1.5' } },
    });
    assert.deepEqual(sk(Items), ['-1', '0', '0.001', '2', '10', '100000000000000000000']);
  });

  test('pages end at the limit and at 1 MB, and go on where they ended', async () => {
    await using fixture = await startDynamodb(compositeTable());
    for (let index = 0; index < 12; index += 1) {
      const sort = String(index).padStart(2, '0');
      await fixture.put({ pk: { S: 'p' }, sk: { S: sort }, data: { S: 'x'.repeat(200_000) } }, 'events');
    }
    for (const forward of [true, false]) {
      const seen: (string | undefined)[] = [];
      let pages = 0;
      let start: Record<string, AttributeValue> | undefined;
      do {
        const page = await fixture.query({
          KeyConditionExpression: 'pk = :p',
          ExpressionAttributeValues: { ':p': { S: 'p' } },
          ProjectionExpression: 'sk',
          ScanIndexForward: forward,
          ExclusiveStartKey: start,
        });
        assert.ok((page.Count ?? 0) <= 6, 'no more than 1 MB and the item that reaches it');
        seen.push(...sk(page.Items));
        start = page.LastEvaluatedKey;
        pages += 1;
      } while (start !== undefined);
      const all = Array.from({ length: 12 }, (_, index) => String(index).padStart(2, '0'));
      assert.deepEqual(seen, forward ? all : all.toReversed());
      assert.equal(pages, 3);
    }
  });

  test('a filter leaves out, but counts as read', async () => {
    await using fixture = await startDynamodb(compositeTable());
    for (let index = 0; index < 5; index += 1) {
      await fixture.put({ pk: { S: 'p' }, sk: { S: String(index) }, n: { N: String(index) } }, 'events');
    }
    const input = {
      KeyConditionExpression: 'pk = :p',
      FilterExpression: 'n >= :n',
      ExpressionAttributeValues: { ':p': { S: 'p' }, ':n': { N: '3' } },
    };
    const all = await fixture.query(input);
    assert.deepEqual([all.Count, all.ScannedCount, sk(all.Items)], [2, 5, ['3', '4']]);
    const page = await fixture.query({ ...input, Limit: 2 });
    assert.deepEqual([page.Count, page.ScannedCount, page.LastEvaluatedKey?.['sk']], [0, 2, { S: '1' }]);
    const counted = await fixture.query({ ...input, Select: 'COUNT' });
    assert.deepEqual([counted.Count, counted.Items], [2, undefined]);
  });

  test('a Scan shows everything once, in pages and in parallel segments', async () => {
    await using fixture = await startDynamodb(HASH_TABLE);
    const ids = Array.from({ length: 60 }, (_, index) => `id-${index}`);
    for (const id of ids) await fixture.put({ id: { S: id } });
    const scan = async (more: object): Promise<string[]> => {
      const seen: string[] = [];
      let start: Record<string, AttributeValue> | undefined;
      do {
        const page = await fixture.db.send(
          new ScanCommand({ TableName: 'orders', Limit: 7, ExclusiveStartKey: start, ...more }),
        );
        seen.push(...(page.Items ?? []).map((item) => item['id']?.S ?? ''));
        start = page.LastEvaluatedKey;
      } while (start !== undefined);
      return seen;
    };
    assert.deepEqual((await scan({})).toSorted(), ids.toSorted());
    const segments = await Promise.all([0, 1, 2].map((Segment) => scan({ Segment, TotalSegments: 3 })));
    assert.ok(
      segments.every((segment) => segment.length > 5),
      'the segments share the work',
    );
    assert.deepEqual(segments.flat().toSorted(), ids.toSorted());
  });

  test('conditions that no key fits are refused in AWS words', async () => {
    await using fixture = await startDynamodb(compositeTable());
    const values = { ':v': { S: 'a' } };
    const run = (KeyConditionExpression: string, more: object = {}) =>
      refusal(fixture.query({ KeyConditionExpression, ExpressionAttributeValues: values, ...more }));
    const cases: [Promise<string>, string][] = [
      [run('sk = :v'), 'Query condition missed key schema element: pk'],
      [run('elsewhere = :v'), 'Query condition missed key schema element: pk'],
      [run('pk = :v AND elsewhere = :v'), 'Query condition missed key schema element: sk'],
      [run('pk > :v'), 'Query key condition not supported'],
      [
        run('pk = :v', { ExpressionAttributeValues: { ':v': { N: '1' } } }),
        'One or more parameter values were invalid: Condition parameter type does not match schema type',
      ],
      [
        run('pk = :v', { FilterExpression: 'sk = :v' }),
        'Filter Expression can only contain non-primary key attributes: Primary key attribute: sk',
      ],
      [run('pk = :v', { IndexName: 'nope' }), 'The table does not have the specified index: nope'],
      [run('pk = :v', { ExclusiveStartKey: { bad: { S: 'p' } } }), 'The provided starting key is invalid'],
      [
        run('pk = :v', { ExclusiveStartKey: { pk: { S: 'other' }, sk: { S: 'a' } } }),
        'The provided starting key is outside query boundaries based on provided conditions',
      ],
      [
        run('pk = :v', { Select: 'SPECIFIC_ATTRIBUTES' }),
        'Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES',
      ],
      [
        run('pk = :v', { ExpressionAttributeNames: { '#unused': 'a' } }),
        'Value provided in ExpressionAttributeNames unused in expressions: keys: {#unused}',
      ],
    ];
    for (const [attempt, message] of cases) assert.equal(await attempt, `ValidationException: ${message}`);
  });

  test('the parameters from before expressions still work', async () => {
    await using fixture = await startDynamodb(compositeTable());
    for (const [sort, n] of [
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ] as const) {
      await fixture.put({ pk: { S: 'p' }, sk: { S: sort }, n: { N: n } }, 'events');
    }
    const { Items } = await fixture.query({
      KeyConditions: {
        pk: { ComparisonOperator: 'EQ', AttributeValueList: [{ S: 'p' }] },
        sk: { ComparisonOperator: 'GE', AttributeValueList: [{ S: 'b' }] },
      },
      QueryFilter: { n: { ComparisonOperator: 'LT', AttributeValueList: [{ N: '3' }] } },
      AttributesToGet: ['sk'],
    });
    assert.deepEqual(Items, [{ sk: { S: 'b' } }]);
    const key = { pk: { S: 'p' }, sk: { S: 'b' } };
    await fixture.db.send(
      new UpdateItemCommand({
        TableName: 'events',
        Key: key,
        AttributeUpdates: { n: { Action: 'ADD', Value: { N: '5' } } },
        Expected: { n: { Value: { N: '2' } } },
      }),
    );
    assert.deepEqual((await fixture.get(key, 'events'))?.['n'], { N: '7' });
  });
});
