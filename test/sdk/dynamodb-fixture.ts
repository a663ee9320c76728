/** What the tests of DynamoDB through the SDK stand on. */
import {
  type AttributeValue,
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { startTestServer, type TestServerOptions } from '../../src/testing/test-server.ts';

/** A table with a partition key alone. */
export const HASH_TABLE = {
  TableName: 'orders',
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
} satisfies CreateTableCommandInput;

/** A table with a sort key of the given type. */
export function compositeTable(sortType: 'S' | 'N' | 'B' = 'S') {
  return {
    TableName: 'events',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: sortType },
    ],
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  } satisfies CreateTableCommandInput;
}

/** A server with these tables, and shorthands for what the tests do most. */
export async function startDynamodb(...tables: CreateTableCommandInput[]) {
  return startDynamodbOver({}, ...tables);
}

/** The same, with parts of the server replaced. */
export async function startDynamodbOver(options: TestServerOptions, ...tables: CreateTableCommandInput[]) {
  const server = await startTestServer(options);
  const db = new DynamoDBClient({ ...server.clientConfig(), maxAttempts: 1 });
  for (const table of tables) await db.send(new CreateTableCommand(table));
  return {
    server,
    db,
    put: (item: Record<string, AttributeValue>, table = 'orders') =>
      db.send(new PutItemCommand({ TableName: table, Item: item })),
    get: async (key: Record<string, AttributeValue>, table = 'orders') =>
      (await db.send(new GetItemCommand({ TableName: table, Key: key }))).Item,
    update: (input: Omit<UpdateItemCommandInput, 'TableName'>) =>
      db.send(new UpdateItemCommand({ TableName: 'orders', ...input })),
    query: (input: Omit<QueryCommandInput, 'TableName'>) =>
      db.send(new QueryCommand({ TableName: 'events', ...input })),
    [Symbol.asyncDispose]: async () => {
      db.destroy();
      await server.close();
    },
  };
}

/** The code and the message with which a request is refused. */
export async function refusal(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  return 'accepted';
}
