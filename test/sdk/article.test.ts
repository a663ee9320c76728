/** The article's pipeline by the SDK, on the clock of the system, and stopped in the middle of its work. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { BatchWriteItemCommand, CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as eb from '@aws-sdk/client-eventbridge';
import { CreateFunctionCommand, LambdaClient, waitUntilFunctionActiveV2 } from '@aws-sdk/client-lambda';
import { CreatePipeCommand, PipesClient } from '@aws-sdk/client-pipes';
import {
  CreateStateMachineCommand,
  type ExecutionListItem,
  paginateListExecutions,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { demoCustomers, type DemoOrder, demoOrders } from '../../src/demo/orders.ts';
import { type ClientConfig, startTestServer, type TestServer } from '../../src/testing/test-server.ts';
import { temporaryDirectory } from '../cli/cli-fixture.ts';
import { zip } from './lambda-fixture.ts';

const ACCOUNT = '123456789012';
const REGION = 'us-west-2';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/article`;
const MACHINE = `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:OrderProcessingStateMachine`;
const ORDER_CREATED = { source: ['app.orders'], 'detail-type': ['OrderCreated'] };

const arn = (service: string, resource: string): string =>
  `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;

/**
 * On the disk: what a second server is started on has to be there. And with the system's randomness: two servers of
 * one seed would give the same names to different executions.
 */
function startOn(dataDir: string): Promise<TestServer> {
  return startTestServer({ settings: { memory: false, dataDir } });
}

const configOf = (server: TestServer): ClientConfig & { maxAttempts: number } => ({
  ...server.clientConfig({ accessKeyId: ACCOUNT, region: REGION }),
  maxAttempts: 1,
});

async function buildPipeline(server: TestServer): Promise<void> {
  const config = configOf(server);
  await createCustomers(new DynamoDBClient(config));
  await createFunctions(new LambdaClient(config));
  const sqs = new SQSClient(config);
  // A batch that was under way when the server stopped comes back after the visibility timeout.
  const Attributes = { VisibilityTimeout: '10' };
  await sqs.send(new CreateQueueCommand({ QueueName: 'MyQueue', Attributes }));
  await sqs.send(new CreateQueueCommand({ QueueName: 'Idle' }));
  const pattern = { body: { ...ORDER_CREATED, detail: { orderAmount: [{ numeric: ['>', 100] }] } } };
  await new PipesClient(config).send(
    new CreatePipeCommand({
      Name: 'RealTimeDataPipe',
      RoleArn: ROLE,
      Source: arn('sqs', 'MyQueue'),
      SourceParameters: {
        SqsQueueParameters: { BatchSize: 5 },
        FilterCriteria: { Filters: [{ Pattern: JSON.stringify(pattern) }] },
      },
      Enrichment: arn('lambda', 'function:EnrichOrder'),
      Target: arn('lambda', 'function:ProcessEvent'),
      TargetParameters: { InputTemplate: '{"id": <$.detail.orderId>, "customer": <$.detail.customerName>}' },
    }),
  );
  await createWorkflow(new SFNClient(config));
  await createBus(new eb.EventBridgeClient(config));
}

async function createCustomers(dynamodb: DynamoDBClient): Promise<void> {
  await dynamodb.send(
    new CreateTableCommand({
      TableName: 'Customers',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'CustomerId', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'CustomerId', KeyType: 'HASH' }],
    }),
  );
  const Customers = demoCustomers().map(({ customerId, name }) => ({
    PutRequest: { Item: { CustomerId: { S: customerId }, CustomerName: { S: name } } },
  }));
  await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { Customers } }));
}

async function createFunctions(lambda: LambdaClient): Promise<void> {
  const source = (file: string): string =>
    readFileSync(new URL(`../../src/demo/handlers/${file}.mjs`, import.meta.url), 'utf8');
  const functions = {
    EnrichOrder: ['enrich_order', 'handler'],
    ProcessEvent: ['process_event', 'handler'],
    ProcessOrder: ['workflow', 'processOrder'],
    CheckInventory: ['workflow', 'checkInventory'],
    ShipOrder: ['workflow', 'shipOrder'],
  } as const;
  for (const [FunctionName, [file, handler]] of Object.entries(functions)) {
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName,
        Runtime: 'nodejs24.x',
        Handler: `${file}.${handler}`,
        Role: ROLE,
        Timeout: 30,
        Code: { ZipFile: await zip({ [`${file}.mjs`]: source(file) }) },
      }),
    );
    await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 10 }, { FunctionName });
  }
}

async function createWorkflow(states: SFNClient): Promise<void> {
  const task = (name: string, following: object): object => ({
    Type: 'Task',
    Resource: arn('lambda', `function:${name}`),
    Retry: [{ ErrorEquals: ['Lambda.ServiceException', 'Lambda.TooManyRequestsException'], MaxAttempts: 3 }],
    Catch: [{ ErrorEquals: ['States.ALL'], Next: 'OrderFailed' }],
    ...following,
  });
  const definition = {
    StartAt: 'ProcessOrder',
    States: {
      ProcessOrder: task('ProcessOrder', { Next: 'CheckInventory' }),
      CheckInventory: task('CheckInventory', { Next: 'ShipOrder' }),
      ShipOrder: task('ShipOrder', { End: true }),
      OrderFailed: { Type: 'Fail', ErrorPath: '$.Error', CausePath: '$.Cause' },
    },
  };
  const name = 'OrderProcessingStateMachine';
  await states.send(
    new CreateStateMachineCommand({ name, definition: JSON.stringify(definition), roleArn: ROLE }),
  );
}

async function createBus(events: eb.EventBridgeClient): Promise<void> {
  const EventBusName = 'orders';
  const EventPattern = JSON.stringify(ORDER_CREATED);
  await events.send(new eb.CreateEventBusCommand({ Name: EventBusName }));
  await events.send(new eb.PutRuleCommand({ Name: 'OrderCreatedRule', EventBusName, EventPattern }));
  const Targets = [
    { Id: 'queue', Arn: arn('sqs', 'MyQueue') },
    { Id: 'workflow', Arn: MACHINE, RoleArn: ROLE },
  ];
  await events.send(new eb.PutTargetsCommand({ Rule: 'OrderCreatedRule', EventBusName, Targets }));
}

/** Puts the orders on the bus, and answers those that it acknowledged. */
async function sendOrders(server: TestServer, orders: readonly DemoOrder[]): Promise<DemoOrder[]> {
  const events = new eb.EventBridgeClient(configOf(server));
  const acknowledged: DemoOrder[] = [];
  for (let from = 0; from < orders.length; from += 10) {
    const batch = orders.slice(from, from + 10);
    const { Entries = [] } = await events.send(
      new eb.PutEventsCommand({
        Entries: batch.map(({ detail }) => ({
          EventBusName: 'orders',
          Source: 'app.orders',
          DetailType: 'OrderCreated',
          Detail: detail,
        })),
      }),
    );
    acknowledged.push(...batch.filter((_, index) => Entries[index]?.EventId !== undefined));
  }
  return acknowledged;
}

interface Outcome {
  /** Ids of orders, as often as ProcessEvent says that it processed them. */
  readonly processed: readonly string[];
  readonly executions: readonly ExecutionListItem[];
}

async function look(server: TestServer): Promise<Outcome> {
  const config = configOf(server);
  const processed: string[] = [];
  const logGroupName = '/aws/lambda/ProcessEvent';
  const client = new CloudWatchLogsClient(config);
  try {
    for await (const page of paginateFilterLogEvents(
      { client },
      { logGroupName, filterPattern: 'processed' },
    )) {
      for (const { message = '' } of page.events ?? []) {
        const line = message.slice(message.indexOf('{'));
        processed.push((JSON.parse(line) as { id: string }).id);
      }
    }
  } catch (error) {
    // The group is there from the first line on.
    if ((error as Error).name !== 'ResourceNotFoundException') throw error;
  }
  const executions: ExecutionListItem[] = [];
  for await (const page of paginateListExecutions(
    { client: new SFNClient(config), pageSize: 100 },
    { stateMachineArn: MACHINE },
  )) {
    executions.push(...(page.executions ?? []));
  }
  return { processed, executions };
}

const LOOKS_MAX = 50;

/** Looks once a second until everything has ended; the last look, if that never comes. */
async function lookUntilDone(server: TestServer, acknowledged: readonly DemoOrder[]): Promise<Outcome> {
  const sqs = new SQSClient(configOf(server));
  const QueueUrl = `${server.endpoint}/${ACCOUNT}/Idle`;
  const wanted = idsToProcess(acknowledged);
  let outcome = await look(server);
  const isDone = (): boolean =>
    outcome.executions.every(({ status }) => status !== 'RUNNING') &&
    wanted.every((id) => outcome.processed.includes(id));
  for (let count = 1; count < LOOKS_MAX && !isDone(); count += 1) {
    // A long poll that nothing answers: a second of the server's clock.
    await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
    outcome = await look(server);
  }
  return outcome;
}

function idsToProcess(orders: readonly DemoOrder[]): string[] {
  return orders
    .filter(({ kind, orderAmount }) => kind !== 'malformed-amount' && orderAmount > 100)
    .map(({ orderId }) => orderId);
}

/** Every execution of an event is there once, and has ended as its order has to. */
function checkExecutions({ executions }: Outcome, acknowledged: readonly DemoOrder[]): void {
  assert.equal(executions.length, acknowledged.length);
  assert.equal(new Set(executions.map(({ name }) => name)).size, executions.length);
  const failed = acknowledged.filter(
    ({ kind, orderAmount }) => kind === 'malformed-amount' || orderAmount > 4800,
  );
  assert.equal(executions.filter(({ status }) => status === 'FAILED').length, failed.length);
  assert.equal(
    executions.filter(({ status }) => status === 'SUCCEEDED').length,
    acknowledged.length - failed.length,
  );
}

suite("the article's pipeline", () => {
  test('processes each order above the bound, once for each of its events, and none else', async () => {
    using directory = temporaryDirectory();
    await using server = await startOn(directory.path);
    await buildPipeline(server);
    const acknowledged = await sendOrders(server, demoOrders({ count: 60, seed: 11, run: 'a' }));
    const outcome = await lookUntilDone(server, acknowledged);
    assert.deepEqual(outcome.processed.toSorted(), idsToProcess(acknowledged).toSorted());
    checkExecutions(outcome, acknowledged);
  });

  test('goes on where it was when its server is stopped in the middle and started again', async () => {
    using directory = temporaryDirectory();
    const orders = demoOrders({ count: 60, seed: 12, run: 'b' });
    const acknowledged: DemoOrder[] = [];
    {
      await using server = await startOn(directory.path);
      await buildPipeline(server);
      // It is stopped as soon as the last of these is acknowledged: nearly all is still under way.
      acknowledged.push(...(await sendOrders(server, orders.slice(0, 30))));
    }
    await using server = await startOn(directory.path);
    acknowledged.push(...(await sendOrders(server, orders.slice(30))));
    const outcome = await lookUntilDone(server, acknowledged);
    // A function that was running when the server stopped may run again for its batch; nobody else's order appears.
    assert.deepEqual(
      [...new Set(outcome.processed)].toSorted(),
      [...new Set(idsToProcess(acknowledged))].toSorted(),
    );
    assert.ok(outcome.processed.length >= idsToProcess(acknowledged).length);
    checkExecutions(outcome, acknowledged);
  });
});
