/** Round trips with the real clients: what they write is decoded, and what is encoded they read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CloudWatchLogsClient, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand, PutRuleCommand } from '@aws-sdk/client-eventbridge';
import { CreateRoleCommand, GetRoleCommand, IAMClient, NoSuchEntityException } from '@aws-sdk/client-iam';
import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ResourceNotFoundException,
  UntagResourceCommand,
} from '@aws-sdk/client-lambda';
import {
  CreatePipeCommand,
  ListPipesCommand,
  ListTagsForResourceCommand,
  PipesClient,
} from '@aws-sdk/client-pipes';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import {
  QueueDoesNotExist,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SQSClient,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { AwsError } from '../base/errors.ts';
import { startFixture } from '../testing/wire-fixture.ts';
import type { FixtureOptions } from '../testing/wire-fixture.ts';

const ROLE = 'arn:aws:iam::000000000000:role/r';

function settings(endpoint: string): {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  maxAttempts: number;
} {
  const credentials = { accessKeyId: '123456789012', secretAccessKey: 'test' };
  return { endpoint, region: 'us-west-2', credentials, maxAttempts: 1 };
}

/** The one call that reached a handler. */
function onlyInput(seen: readonly { input: unknown }[]): unknown {
  assert.equal(seen.length, 1);
  return structuredClone(seen[0]?.input);
}

const start = (handlers: NonNullable<FixtureOptions['handlers']>): ReturnType<typeof startFixture> =>
  startFixture({ handlers });

test('SQS: a message with binary attributes arrives as bytes, and its MD5 answer is read', async () => {
  await using fixture = await start({
    'sqs:SendMessage': () => ({ MessageId: 'm-1', MD5OfMessageBody: '5d41402abc4b2a76b9719d911017c592' }),
  });
  const client = new SQSClient(settings(fixture.endpoint));
  const output = await client.send(
    new SendMessageCommand({
      QueueUrl: `${fixture.endpoint}/123456789012/q`,
      MessageBody: 'hello',
      MessageAttributes: { b: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 255]) } },
    }),
  );
  assert.equal(output.MessageId, 'm-1');
  assert.deepEqual(onlyInput(fixture.seen), {
    QueueUrl: `${fixture.endpoint}/123456789012/q`,
    MessageBody: 'hello',
    MessageAttributes: { b: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 255]) } },
  });
  const facts = fixture.seen[0]?.facts;
  assert.deepEqual(facts?.scope, { account: '123456789012', region: 'us-west-2' });
  assert.equal(facts?.host, `127.0.0.1:${fixture.port}`);
});

test('SQS: received messages with binary attributes, and an answer without a body', async () => {
  await using fixture = await start({
    'sqs:ReceiveMessage': () => ({
      Messages: [
        {
          MessageId: 'a',
          Body: 'hello',
          MessageAttributes: { b: { DataType: 'Binary', BinaryValue: Buffer.from([7]) } },
        },
      ],
    }),
    'sqs:DeleteMessage': () => undefined,
  });
  const client = new SQSClient({ ...settings(fixture.endpoint), md5: false });
  const received = await client.send(new ReceiveMessageCommand({ QueueUrl: 'http://x/0/q' }));
  assert.deepEqual(received.Messages?.[0]?.MessageAttributes?.['b']?.BinaryValue, new Uint8Array([7]));
  const deleted = await client.send(
    new DeleteMessageCommand({ QueueUrl: 'http://x/0/q', ReceiptHandle: 'r' }),
  );
  assert.equal(deleted.$metadata.httpStatusCode, 200);
});

test('SQS: an error is typed for new clients and has its old code for old ones', async () => {
  await using fixture = await start({
    'sqs:SendMessage': () => {
      throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
    },
  });
  const client = new SQSClient(settings(fixture.endpoint));
  await assert.rejects(
    client.send(new SendMessageCommand({ QueueUrl: 'http://x/0/q', MessageBody: 'a' })),
    (error) => {
      assert.ok(error instanceof QueueDoesNotExist);
      assert.equal(error.message, 'The specified queue does not exist.');
      return true;
    },
  );
  const answer = await fixture.wire.handle({
    method: 'POST',
    url: '/',
    headers: {
      host: 'localhost',
      'x-amz-target': 'AmazonSQS.SendMessage',
      'content-type': 'application/x-amz-json-1.0',
    },
    body: Buffer.from('{"QueueUrl":"u","MessageBody":"b"}'),
    remoteAddress: undefined,
    signal: new AbortController().signal,
  });
  assert.equal(answer.headers['x-amzn-query-error'], 'AWS.SimpleQueueService.NonExistentQueue;Sender');
  assert.match(String(answer.body), /"__type":"com.amazonaws.sqs#QueueDoesNotExist"/);
});

test('EventBridge: the time of an entry arrives in milliseconds', async () => {
  await using fixture = await start({
    'events:PutEvents': () => ({ FailedEntryCount: 0, Entries: [{ EventId: 'e' }] }),
    'events:PutRule': () => ({ RuleArn: 'arn' }),
  });
  const client = new EventBridgeClient(settings(fixture.endpoint));
  const time = new Date(1_700_000_000_000);
  const output = await client.send(
    new PutEventsCommand({
      Entries: [{ Source: 's', DetailType: 't', Detail: '{}', Time: time, Resources: ['r'] }],
    }),
  );
  assert.equal(output.Entries?.[0]?.EventId, 'e');
  assert.deepEqual(onlyInput(fixture.seen), {
    Entries: [{ Source: 's', DetailType: 't', Detail: '{}', Time: time.getTime(), Resources: ['r'] }],
  });
  await assert.rejects(client.send(new PutRuleCommand({ Name: 'a b' })), {
    name: 'ValidationException',
    message:
      "1 validation error detected: Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy" +
      ' regular expression pattern: [\\.\\-_A-Za-z0-9]+',
  });
});

test('DynamoDB: items of every type make the round trip', async () => {
  const item = {
    id: { S: 'a' },
    n: { N: '1.50' },
    b: { B: new Uint8Array([0, 255]) },
    bs: { BS: [new Uint8Array([1]), new Uint8Array([2])] },
    m: { M: { constructor: { L: [{ BOOL: true }, { NULL: true }, { B: new Uint8Array([9]) }] } } },
  };
  await using fixture = await start({
    'dynamodb:PutItem': () => ({}),
    'dynamodb:GetItem': () => ({ Item: fixture.seen[0] && (fixture.seen[0].input as { Item: object }).Item }),
  });
  const client = new DynamoDBClient(settings(fixture.endpoint));
  await client.send(new PutItemCommand({ TableName: 'table', Item: item }));
  assert.deepEqual(onlyInput(fixture.seen), { TableName: 'table', Item: item });
  const { Item } = await client.send(new GetItemCommand({ TableName: 'table', Key: { id: { S: 'a' } } }));
  assert.deepEqual(Item, item);
});

test('Step Functions and Logs: timestamps and longs', async () => {
  await using fixture = await start({
    'states:StartExecution': () => ({ executionArn: 'arn:x', startDate: 1_700_000_000_123 }),
    'states:DescribeExecution': () => ({
      executionArn: 'arn:x',
      stateMachineArn: 'arn:y',
      status: 'RUNNING',
      startDate: 1_700_000_000_123,
    }),
    'logs:PutLogEvents': () => ({ nextSequenceToken: 't' }),
  });
  const states = new SFNClient(settings(fixture.endpoint));
  const started = await states.send(
    new StartExecutionCommand({ stateMachineArn: 'arn:y', input: '{"a":1}' }),
  );
  assert.equal(started.startDate?.getTime(), 1_700_000_000_123);
  const described = await states.send(new DescribeExecutionCommand({ executionArn: 'arn:x' }));
  assert.equal(described.status, 'RUNNING');
  const logs = new CloudWatchLogsClient(settings(fixture.endpoint));
  const written = await logs.send(
    new PutLogEventsCommand({
      logGroupName: 'g',
      logStreamName: 's',
      logEvents: [{ timestamp: 5, message: 'm' }],
    }),
  );
  assert.equal(written.nextSequenceToken, 't');
});

test('Pipes: labels, query strings and bodies go where the model says', async () => {
  await using fixture = await start({
    'pipes:CreatePipe': () => ({ Name: 'p', CreationTime: 1_700_000_000_000, CurrentState: 'CREATING' }),
    'pipes:ListPipes': () => ({ Pipes: [] }),
    'pipes:ListTagsForResource': () => ({ tags: { a: 'b' } }),
  });
  const client = new PipesClient(settings(fixture.endpoint));
  const target = 'arn:aws:sqs:us-west-2:123456789012:target';
  const source = 'arn:aws:sqs:us-west-2:123456789012:source';
  const made = await client.send(
    new CreatePipeCommand({
      Name: 'p',
      Source: source,
      Target: target,
      RoleArn: ROLE,
      SourceParameters: { SqsQueueParameters: { BatchSize: 5 } },
    }),
  );
  assert.equal(made.CreationTime?.getTime(), 1_700_000_000_000);
  await client.send(new ListPipesCommand({ NamePrefix: 'a.b', Limit: 7 }));
  const arn = 'arn:aws:pipes:us-west-2:123456789012:pipe/p';
  const tags = await client.send(new ListTagsForResourceCommand({ resourceArn: arn }));
  assert.deepEqual(tags.tags, { a: 'b' });
  assert.deepEqual(
    fixture.seen.map(({ input }) => structuredClone(input)),
    [
      {
        Name: 'p',
        Source: source,
        Target: target,
        RoleArn: ROLE,
        SourceParameters: { SqsQueueParameters: { BatchSize: 5 } },
      },
      { NamePrefix: 'a.b', Limit: 7 },
      { resourceArn: arn },
    ],
  );
});

test('Lambda: a payload is bytes both ways, and its status and headers are members', async () => {
  await using fixture = await start({
    'lambda:Invoke': () => ({
      StatusCode: 202,
      FunctionError: 'Unhandled',
      Payload: Buffer.from('{"no":1}'),
    }),
    'lambda:CreateFunction': () => ({ FunctionName: 'f', State: 'Active' }),
    'lambda:UntagResource': () => undefined,
  });
  const client = new LambdaClient(settings(fixture.endpoint));
  const output = await client.send(
    new InvokeCommand({
      FunctionName: 'f',
      InvocationType: 'Event',
      Qualifier: '1',
      Payload: Buffer.from('{"a":1}'),
    }),
  );
  assert.equal(output.StatusCode, 202);
  assert.equal(output.FunctionError, 'Unhandled');
  assert.equal(Buffer.from(output.Payload ?? []).toString(), '{"no":1}');
  const made = await client.send(
    new CreateFunctionCommand({ FunctionName: 'f', Role: ROLE, Code: { ZipFile: new Uint8Array([80, 75]) } }),
  );
  assert.equal(made.$metadata.httpStatusCode, 201);
  const arn = 'arn:aws:lambda:us-west-2:123456789012:function:f';
  const untagged = await client.send(new UntagResourceCommand({ Resource: arn, TagKeys: ['a', 'b'] }));
  assert.equal(untagged.$metadata.httpStatusCode, 204);
  assert.deepEqual(
    fixture.seen.map(({ input }) => structuredClone(input)),
    [
      {
        FunctionName: 'f',
        InvocationType: 'Event',
        Qualifier: '1',
        Payload: new Uint8Array(Buffer.from('{"a":1}')),
      },
      { FunctionName: 'f', Role: ROLE, Code: { ZipFile: new Uint8Array([80, 75]) } },
      { Resource: arn, TagKeys: ['a', 'b'] },
    ],
  );
});

test('Lambda: errors have the status of the model and say whose fault they are', async () => {
  await using fixture = await start({
    'lambda:Invoke': () => {
      throw new AwsError('ResourceNotFoundException', 'Function not found: f');
    },
  });
  const client = new LambdaClient(settings(fixture.endpoint));
  await assert.rejects(client.send(new InvokeCommand({ FunctionName: 'f' })), (error) => {
    assert.ok(error instanceof ResourceNotFoundException);
    assert.equal(error.$metadata.httpStatusCode, 404);
    assert.equal(error.Type, 'User');
    assert.equal(error.message, 'Function not found: f');
    return true;
  });
});

test('IAM and STS: forms come in and XML goes out, with lists, dates and entities', async () => {
  const role = {
    Path: '/',
    RoleName: 'r',
    RoleId: 'AROA',
    Arn: ROLE,
    CreateDate: 1_700_000_000_000,
    Description: 'a<&>"b',
  };
  await using fixture = await start({
    'iam:CreateRole': () => ({ Role: { ...role, Tags: [{ Key: 'k', Value: 'v' }] } }),
    'iam:GetRole': () => {
      throw new AwsError('NoSuchEntityException', 'The role with name x cannot be found.');
    },
    'sts:GetCallerIdentity': () => ({ UserId: 'u', Account: '123456789012', Arn: 'arn' }),
    'sts:AssumeRole': () => ({
      Credentials: {
        AccessKeyId: 'ASIA',
        SecretAccessKey: 's',
        SessionToken: 't',
        Expiration: 1_700_000_000_000,
      },
    }),
  });
  const iam = new IAMClient(settings(fixture.endpoint));
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName: 'r',
      AssumeRolePolicyDocument: '{"a": "b&c"}',
      Tags: [{ Key: 'k', Value: 'v' }],
    }),
  );
  assert.equal(Role?.Description, 'a<&>"b');
  assert.equal(Role?.CreateDate?.getTime(), 1_700_000_000_000);
  assert.deepEqual(Role?.Tags, [{ Key: 'k', Value: 'v' }]);
  assert.deepEqual(fixture.seen[0]?.input, {
    RoleName: 'r',
    AssumeRolePolicyDocument: '{"a": "b&c"}',
    Tags: [{ Key: 'k', Value: 'v' }],
  });
  await assert.rejects(iam.send(new GetRoleCommand({ RoleName: 'x' })), (error) => {
    assert.ok(error instanceof NoSuchEntityException);
    assert.equal(error.$metadata.httpStatusCode, 404);
    return true;
  });
  const sts = new STSClient(settings(fixture.endpoint));
  const identity = await sts.send(new GetCallerIdentityCommand({}));
  assert.equal(identity.Account, '123456789012');
  const assumed = await sts.send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'session' }));
  assert.equal(assumed.Credentials?.Expiration?.getTime(), 1_700_000_000_000);
  await assert.rejects(sts.send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'a' })), {
    name: 'ValidationError',
    message:
      "1 validation error detected: Value 'a' at 'roleSessionName' failed to satisfy constraint: Member must have" +
      ' length greater than or equal to 2',
  });
});

test('an operation that is not built is refused by name, and a bug of ours tells nothing', async () => {
  await using fixture = await start({
    'sqs:SendMessage': () => {
      throw new TypeError('secret detail');
    },
  });
  const client = new SQSClient(settings(fixture.endpoint));
  await assert.rejects(
    client.send(new DeleteMessageCommand({ QueueUrl: 'http://x/0/q', ReceiptHandle: 'r' })),
    {
      name: 'NotImplemented',
    },
  );
  await assert.rejects(
    client.send(new SendMessageCommand({ QueueUrl: 'http://x/0/q', MessageBody: 'a' })),
    (error) => {
      assert.ok(error instanceof Error);
      assert.equal(error.name, 'InternalFailure');
      assert.doesNotMatch(error.message, /secret/);
      return true;
    },
  );
});
