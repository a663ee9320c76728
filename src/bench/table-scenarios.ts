/** Tables: items that are written, and items that are read. */
import type { AwsClient } from '../cli/aws-client.ts';
import { FILLER, finishAnswered, jsonHeaders, PLACE, type Scenario, template } from './scenario.ts';

const headers = (operation: string): Record<string, string> =>
  jsonHeaders('dynamodb', `DynamoDB_20120810.${operation}`, '1.0');

async function createTable(client: AwsClient, name: string): Promise<string> {
  await client.json('dynamodb', 'CreateTable', {
    TableName: name,
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
  return name;
}

async function deleteTable(client: AwsClient, table: string): Promise<void> {
  await client.json('dynamodb', 'DeleteTable', { TableName: table });
}

/** Of ten digits. */
function itemOf(number: string): object {
  return {
    pk: { S: `order-${number}` },
    status: { S: 'placed' },
    amount: { N: '1999' },
    lines: { L: [{ M: { sku: { S: 'A-1' }, count: { N: '2' } } }] },
    text: { S: FILLER },
  };
}

export const putItem: Scenario = {
  name: 'put-item',
  title: 'DynamoDB PutItem',
  setUp: createTable,
  requests: (table) => [template(headers('PutItem'), { TableName: table, Item: itemOf(PLACE) })],
  finish: async (client, table) => {
    let count = 0;
    let start: object | undefined;
    do {
      const page: { Count: number; LastEvaluatedKey?: object } = await client.json('dynamodb', 'Scan', {
        TableName: table,
        Select: 'COUNT',
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      });
      count += page.Count;
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return { count, waitedMs: 0 };
  },
  tearDown: deleteTable,
};

const READ_ITEM_COUNT = 1000;
const BATCH_COUNT = 25;

/** Each answer has to be the item that was asked for. */
export const getItem: Scenario = {
  name: 'get-item',
  title: 'DynamoDB GetItem',
  setUp: async (client, name) => {
    await createTable(client, name);
    for (let start = 0; start < READ_ITEM_COUNT; start += BATCH_COUNT) {
      const requests = Array.from({ length: BATCH_COUNT }, (_, index) => {
        const number = String(start + index).padStart(PLACE.length, '0');
        return { PutRequest: { Item: itemOf(number) } };
      });
      await client.json('dynamodb', 'BatchWriteItem', { RequestItems: { [name]: requests } });
    }
    return name;
  },
  requests: (table) => {
    const body = { TableName: table, Key: { pk: { S: `order-${PLACE}` } } };
    return [template(headers('GetItem'), body, { numberCount: READ_ITEM_COUNT, isEchoed: true })];
  },
  finish: finishAnswered,
  tearDown: deleteTable,
};
