/**
 * The article's architecture, built with the AWS API as any client would: bus, rules, queue, pipe, functions, table
 * and state machine. Building it again changes nothing but the code of the functions.
 */
import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import yazl from 'yazl';
import type { AwsClient } from '../cli/aws-client.ts';
import { RemoteError } from '../cli/aws-client.ts';
import { demoCustomers, PROCESSED_ABOVE } from './orders.ts';

export const BUS = 'orders';
const QUEUE = 'MyQueue';
const DEAD_LETTERS = 'MyQueueDeadLetters';
const PIPE = 'RealTimeDataPipe';
const MACHINE = 'OrderProcessingStateMachine';
export const PROCESS_EVENT = 'ProcessEvent';

export const ORDER_CREATED = { source: ['app.orders'], 'detail-type': ['OrderCreated'] };

export interface ArchitectureOptions {
  readonly client: AwsClient;
  readonly account: string;
  /** The runtime of EnrichOrder: python as in the article, or Node where python3 has no boto3. */
  readonly enricher: 'python' | 'node';
  readonly note: (text: string) => void;
}

export interface Architecture {
  readonly stateMachineArn: string;
  readonly queueUrl: string;
}

export async function buildArchitecture(options: ArchitectureOptions): Promise<Architecture> {
  const { client, note } = options;
  const region = client.endpoint.region;
  const arn = (service: string, resource: string): string =>
    `arn:aws:${service}:${region}:${options.account}:${resource}`;
  const role = (name: string): string => `arn:aws:iam::${options.account}:role/${name}`;
  const built: Built = { ...options, arn, role };
  note('table Customers');
  await createCustomers(built);
  note('functions EnrichOrder, ProcessEvent, ProcessOrder, CheckInventory, ShipOrder');
  await createFunctions(built);
  note(`queue ${QUEUE} and its dead-letter queue`);
  const queueUrl = await createQueues(built);
  note(`pipe ${PIPE}: filter, enrichment, transformation, target`);
  await createPipe(built);
  note(`state machine ${MACHINE}`);
  const stateMachineArn = await createStateMachine(built);
  note(`bus ${BUS} with the rules ToQueue and OrderCreatedRule`);
  await createBus(built, stateMachineArn);
  return { stateMachineArn, queueUrl };
}

interface Built extends ArchitectureOptions {
  readonly arn: (service: string, resource: string) => string;
  readonly role: (name: string) => string;
}

/** Runs a call that creates something, and lets "it is there already" pass. */
async function ensure(call: Promise<unknown>, ...existing: readonly string[]): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (error instanceof RemoteError && existing.includes(error.code)) return false;
    throw error;
  }
}

async function createCustomers({ client }: Built): Promise<void> {
  const table = {
    TableName: 'Customers',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'CustomerId', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'CustomerId', KeyType: 'HASH' }],
  };
  await ensure(client.json('dynamodb', 'CreateTable', table), 'ResourceInUseException');
  await settled(async () => {
    const answer = await client.json<{ Table: { TableStatus: string } }>('dynamodb', 'DescribeTable', {
      TableName: 'Customers',
    });
    return answer.Table.TableStatus === 'ACTIVE';
  });
  const customers = demoCustomers().map(({ customerId, name }) => ({
    PutRequest: { Item: { CustomerId: { S: customerId }, CustomerName: { S: name } } },
  }));
  await client.json('dynamodb', 'BatchWriteItem', { RequestItems: { Customers: customers } });
}

interface FunctionSource {
  readonly name: string;
  readonly file: string;
  readonly handler: string;
  readonly runtime: string;
}

function functionSources(enricher: ArchitectureOptions['enricher']): FunctionSource[] {
  const node = (name: string, file: string, handler: string): FunctionSource => ({
    name,
    file: `${file}.mjs`,
    handler: `${file}.${handler}`,
    runtime: 'nodejs24.x',
  });
  return [
    enricher === 'python'
      ? {
          name: 'EnrichOrder',
          file: 'enrich_order.py',
          handler: 'enrich_order.lambda_handler',
          runtime: 'python3.13',
        }
      : node('EnrichOrder', 'enrich_order', 'handler'),
    node(PROCESS_EVENT, 'process_event', 'handler'),
    node('ProcessOrder', 'workflow', 'processOrder'),
    node('CheckInventory', 'workflow', 'checkInventory'),
    node('ShipOrder', 'workflow', 'shipOrder'),
  ];
}

async function createFunctions({ client, role, enricher }: Built): Promise<void> {
  for (const { name, file, handler, runtime } of functionSources(enricher)) {
    const ZipFile = (await zip(file)).toString('base64');
    const created = await ensure(
      client.rest('lambda', 'POST', '/2015-03-31/functions', {
        FunctionName: name,
        Role: role('function-role'),
        Runtime: runtime,
        Handler: handler,
        Timeout: 30,
        MemorySize: 256,
        Code: { ZipFile },
      }),
      'ResourceConflictException',
    );
    if (!created) await client.rest('lambda', 'PUT', `/2015-03-31/functions/${name}/code`, { ZipFile });
    await settled(async () => {
      const path = `/2015-03-31/functions/${name}/configuration`;
      const answer = await client.rest<{ State: string; LastUpdateStatus: string }>('lambda', 'GET', path);
      return answer.State === 'Active' && answer.LastUpdateStatus !== 'InProgress';
    });
  }
}

function zip(file: string): Promise<Buffer> {
  const archive = new yazl.ZipFile();
  archive.addBuffer(readFileSync(new URL(`./handlers/${file}`, import.meta.url)), file);
  archive.end();
  return buffer(archive.outputStream);
}

async function createQueues({ client, arn }: Built): Promise<string> {
  await client.json('sqs', 'CreateQueue', { QueueName: DEAD_LETTERS });
  const redrive = { deadLetterTargetArn: arn('sqs', DEAD_LETTERS), maxReceiveCount: 5 };
  const { QueueUrl } = await client.json<{ QueueUrl: string }>('sqs', 'CreateQueue', {
    QueueName: QUEUE,
    Attributes: { VisibilityTimeout: '30', RedrivePolicy: JSON.stringify(redrive) },
  });
  return QueueUrl;
}

async function createPipe({ client, arn, role }: Built): Promise<void> {
  const pattern = {
    body: { ...ORDER_CREATED, detail: { orderAmount: [{ numeric: ['>', PROCESSED_ABOVE] }] } },
  };
  const template =
    '{"id": <$.detail.orderId>, "amount": <$.detail.orderAmount>, "customer": <$.detail.customerName>}';
  await ensure(
    client.rest('pipes', 'POST', `/v1/pipes/${PIPE}`, {
      RoleArn: role('pipe-execution-role'),
      Source: arn('sqs', QUEUE),
      SourceParameters: {
        SqsQueueParameters: { BatchSize: 10 },
        FilterCriteria: { Filters: [{ Pattern: JSON.stringify(pattern) }] },
      },
      Enrichment: arn('lambda', 'function:EnrichOrder'),
      Target: arn('lambda', `function:${PROCESS_EVENT}`),
      TargetParameters: { InputTemplate: template },
    }),
    'ConflictException',
  );
  await settled(async () => {
    const answer = await client.rest<{ CurrentState: string }>('pipes', 'GET', `/v1/pipes/${PIPE}`);
    return answer.CurrentState === 'RUNNING';
  });
}

async function createStateMachine({ client, arn, role }: Built): Promise<string> {
  const task = (name: string, next: string | undefined): object => ({
    Type: 'Task',
    Resource: arn('lambda', `function:${name}`),
    Retry: [
      {
        ErrorEquals: ['Lambda.TooManyRequestsException', 'Lambda.ServiceException', 'States.Timeout'],
        IntervalSeconds: 1,
        MaxAttempts: 3,
        BackoffRate: 2,
      },
    ],
    Catch: [{ ErrorEquals: ['States.ALL'], Next: 'OrderFailed' }],
    ...(next === undefined ? { End: true } : { Next: next }),
  });
  const definition = {
    StartAt: 'ProcessOrder',
    States: {
      ProcessOrder: task('ProcessOrder', 'CheckInventory'),
      CheckInventory: task('CheckInventory', 'ShipOrder'),
      ShipOrder: task('ShipOrder', undefined),
      OrderFailed: { Type: 'Fail', ErrorPath: '$.Error', CausePath: '$.Cause' },
    },
  };
  const input = { name: MACHINE, definition: JSON.stringify(definition), roleArn: role('workflow-role') };
  const { stateMachineArn } = await client.json<{ stateMachineArn: string }>(
    'states',
    'CreateStateMachine',
    input,
  );
  return stateMachineArn;
}

async function createBus({ client, arn, role }: Built, stateMachineArn: string): Promise<void> {
  await ensure(client.json('events', 'CreateEventBus', { Name: BUS }), 'ResourceAlreadyExistsException');
  const rule = async (Name: string, target: object): Promise<void> => {
    await client.json('events', 'PutRule', {
      Name,
      EventBusName: BUS,
      EventPattern: JSON.stringify(ORDER_CREATED),
    });
    await client.json('events', 'PutTargets', {
      Rule: Name,
      EventBusName: BUS,
      Targets: [{ Id: '1', ...target }],
    });
  };
  await rule('ToQueue', { Arn: arn('sqs', QUEUE) });
  await rule('OrderCreatedRule', { Arn: stateMachineArn, RoleArn: role('events-role') });
}

/** Waits until what was asked for is there: every service settles within a moment. */
async function settled(isThere: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (await isThere()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('the architecture did not settle within 5 seconds');
}
