/**
 * What is measured: for each scenario how to set it up on any server that speaks AWS's protocols, the request that
 * the load repeats, and how to tell afterwards that everything which was answered has also happened.
 *
 * A scenario sets up what it needs under a name of its own for each run, so that runs do not feel each other.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AwsClient, JsonService } from '../cli/aws-client.ts';
import type { RequestTemplate } from './load.ts';

export interface Scenario {
  readonly name: string;
  /** The operation, for people. */
  readonly title: string;
  /** Makes what the requests need; answers where they go: an URL, a name, an ARN. */
  setUp(client: AwsClient, name: string): Promise<string>;
  request(address: string): RequestTemplate;
  /** Waits for what was begun, and counts what has come to its end. */
  finish(client: AwsClient, address: string): Promise<Finished>;
  tearDown(client: AwsClient, address: string): Promise<void>;
}

interface Finished {
  readonly count: number;
  /** Until the last one had ended; 0 when none was under way any more. */
  readonly waitedMs: number;
}

const ROLE = 'arn:aws:iam::000000000000:role/bench';
const EVENT_SOURCE = 'bench.orders';
/** About what an order, or a change of one, takes. */
const FILLER = 'x'.repeat(250);

/** The headers of an SDK's request. The key `test` is never known, so its signature is parsed and not verified. */
function headersOf(service: JsonService, target: string, jsonVersion: string): Record<string, string> {
  const credential = `Credential=test/20260131/us-east-1/${service}/aws4_request`;
  const signedHeaders = 'SignedHeaders=content-type;host;x-amz-date;x-amz-target';
  return {
    'content-type': `application/x-amz-json-${jsonVersion}`,
    'x-amz-target': target,
    'x-amz-date': '20260131T090507Z',
    'user-agent': 'aws-sdk-js/3.1000.0 os/linux lang/js md/nodejs#24.11.0',
    'amz-sdk-invocation-id': '3f0e6a52-4bb1-4b3c-9d1f-0d3c9f3a7a11',
    'amz-sdk-request': 'attempt=1; max=3',
    authorization: `AWS4-HMAC-SHA256 ${credential}, ${signedHeaders}, Signature=${'0'.repeat(64)}`,
  };
}

/** Stands in a body where the load writes its number. */
const PLACE = '0123456789';

function template(headers: RequestTemplate['headers'], body: object): RequestTemplate {
  const [bodyBefore = '', bodyAfter = ''] = JSON.stringify(body).split(PLACE);
  return { headers, bodyBefore, bodyAfter };
}

async function createQueue(client: AwsClient, name: string): Promise<string> {
  const { QueueUrl: url } = await client.json<{ QueueUrl: string }>('sqs', 'CreateQueue', {
    QueueName: name,
  });
  return url;
}

async function finishMessages(client: AwsClient, queueUrl: string): Promise<Finished> {
  const attribute = 'ApproximateNumberOfMessages';
  const { Attributes } = await client.json<{ Attributes: Record<string, string> }>(
    'sqs',
    'GetQueueAttributes',
    { QueueUrl: queueUrl, AttributeNames: [attribute] },
  );
  return { count: Number(Attributes[attribute]), waitedMs: 0 };
}

const sendMessage: Scenario = {
  name: 'send-message',
  title: 'SQS SendMessage',
  setUp: createQueue,
  request: (queueUrl) =>
    template(headersOf('sqs', 'AmazonSQS.SendMessage', '1.0'), {
      QueueUrl: queueUrl,
      MessageBody: JSON.stringify({ order: PLACE, text: FILLER }),
    }),
  finish: finishMessages,
  tearDown: async (client, queueUrl) => {
    await client.json('sqs', 'DeleteQueue', { QueueUrl: queueUrl });
  },
};

/** The bus and the queue have the same name; the address is the queue's URL. */
const putEvents: Scenario = {
  name: 'put-events',
  title: 'PutEvents, 1 rule to a queue',
  setUp: async (client, name) => {
    const queueUrl = await createQueue(client, name);
    const { Attributes } = await client.json<{ Attributes: { QueueArn: string } }>(
      'sqs',
      'GetQueueAttributes',
      { QueueUrl: queueUrl, AttributeNames: ['QueueArn'] },
    );
    await client.json('events', 'CreateEventBus', { Name: name });
    const pattern = JSON.stringify({ source: [EVENT_SOURCE], detail: { status: ['placed'] } });
    await client.json('events', 'PutRule', { Name: name, EventBusName: name, EventPattern: pattern });
    await client.json('events', 'PutTargets', {
      Rule: name,
      EventBusName: name,
      Targets: [{ Id: 'queue', Arn: Attributes.QueueArn }],
    });
    return queueUrl;
  },
  request: (queueUrl) => {
    const entry = {
      EventBusName: nameOf(queueUrl),
      Source: EVENT_SOURCE,
      DetailType: 'OrderPlaced',
      Detail: JSON.stringify({ order: PLACE, status: 'placed', text: FILLER }),
    };
    return template(headersOf('events', 'AWSEvents.PutEvents', '1.1'), { Entries: [entry] });
  },
  finish: finishMessages,
  tearDown: async (client, queueUrl) => {
    const name = nameOf(queueUrl);
    await client.json('events', 'RemoveTargets', { Rule: name, EventBusName: name, Ids: ['queue'] });
    await client.json('events', 'DeleteRule', { Name: name, EventBusName: name });
    await client.json('events', 'DeleteEventBus', { Name: name });
    await client.json('sqs', 'DeleteQueue', { QueueUrl: queueUrl });
  },
};

function nameOf(queueUrl: string): string {
  return queueUrl.split('/').at(-1) ?? '';
}

const DEFINITION = JSON.stringify({
  StartAt: 'Receive',
  States: {
    Receive: { Type: 'Pass', Next: 'Price' },
    Price: { Type: 'Pass', Next: 'Ship' },
    Ship: { Type: 'Pass', End: true },
  },
});

/** An execution that still runs is waited for as long as others end. */
const EXECUTIONS_STALLED_MS = 5000;
const EXECUTIONS_LOOK_MS = 50;
const EXECUTIONS_PAGE_COUNT = 1000;

interface ExecutionsPage {
  readonly executions: readonly unknown[];
  readonly nextToken?: string;
}

async function countExecutions(client: AwsClient, arn: string, status: string): Promise<number> {
  let count = 0;
  let token: string | undefined;
  do {
    const page: ExecutionsPage = await client.json('states', 'ListExecutions', {
      stateMachineArn: arn,
      statusFilter: status,
      maxResults: EXECUTIONS_PAGE_COUNT,
      ...(token === undefined ? {} : { nextToken: token }),
    });
    count += page.executions.length;
    token = page.nextToken;
  } while (token !== undefined);
  return count;
}

const startExecution: Scenario = {
  name: 'start-execution',
  title: 'StartExecution, 3 Pass states',
  setUp: async (client, name) => {
    const created = await client.json<{ stateMachineArn: string }>('states', 'CreateStateMachine', {
      name,
      definition: DEFINITION,
      roleArn: ROLE,
    });
    return created.stateMachineArn;
  },
  request: (stateMachineArn) =>
    template(headersOf('states', 'AWSStepFunctions.StartExecution', '1.0'), {
      stateMachineArn,
      input: JSON.stringify({ order: PLACE, text: FILLER }),
    }),
  finish: async (client, arn) => {
    const startedAtMs = performance.now();
    let movedAtMs = startedAtMs;
    let waitedMs = 0;
    let running = await countExecutions(client, arn, 'RUNNING');
    while (running > 0 && performance.now() - movedAtMs < EXECUTIONS_STALLED_MS) {
      await sleep(EXECUTIONS_LOOK_MS);
      const before = running;
      running = await countExecutions(client, arn, 'RUNNING');
      if (running < before) movedAtMs = performance.now();
      waitedMs = performance.now() - startedAtMs;
    }
    return { count: await countExecutions(client, arn, 'SUCCEEDED'), waitedMs };
  },
  tearDown: async (client, stateMachineArn) => {
    await client.json('states', 'DeleteStateMachine', { stateMachineArn });
  },
};

const putItem: Scenario = {
  name: 'put-item',
  title: 'DynamoDB PutItem',
  setUp: async (client, name) => {
    await client.json('dynamodb', 'CreateTable', {
      TableName: name,
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
    return name;
  },
  request: (table) =>
    template(headersOf('dynamodb', 'DynamoDB_20120810.PutItem', '1.0'), {
      TableName: table,
      Item: {
        pk: { S: `order-${PLACE}` },
        status: { S: 'placed' },
        amount: { N: '1999' },
        lines: { L: [{ M: { sku: { S: 'A-1' }, count: { N: '2' } } }] },
        text: { S: FILLER },
      },
    }),
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
  tearDown: async (client, table) => {
    await client.json('dynamodb', 'DeleteTable', { TableName: table });
  },
};

export const SCENARIOS: readonly Scenario[] = [sendMessage, putEvents, startExecution, putItem];
