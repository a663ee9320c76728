/** Tasks that call the platform: exactly once over every crash, and refused in the services' own words. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Store } from './storage/store.ts';
import { withoutAtomicity } from './testing/broken-store.ts';
import { CrashableRegion, machineArn, type Output, queueUrl } from './testing/crashable-region.ts';

const COUNT = {
  TableName: 'counts',
  Key: { id: { S: 'one' } },
  UpdateExpression: 'ADD n :one',
  ExpressionAttributeValues: { ':one': { N: '1' } },
};

function action(resource: string, parameters: object, rest: object = { End: true }): object {
  return {
    Type: 'Task',
    Resource: `arn:aws:states:::${resource}`,
    Parameters: parameters,
    ResultPath: null,
    ...rest,
  };
}

/** One effect of every kind. None of them could be repeated without a trace. */
const PARENT = {
  Send: action('sqs:sendMessage', { QueueUrl: queueUrl('sent'), MessageBody: 'x' }, { Next: 'Count' }),
  Count: action('dynamodb:updateItem', COUNT, { Next: 'Tell' }),
  Tell: action(
    'events:putEvents',
    { Entries: [{ Source: 'shop', DetailType: 'told', Detail: { a: 1 } }] },
    { Next: 'Nested' },
  ),
  Nested: action('states:startExecution.sync', { StateMachineArn: machineArn('child') }),
};

const CHILD = {
  Pause: { Type: 'Wait', Seconds: 1, Next: 'Send' },
  Send: action('sqs:sendMessage', { QueueUrl: queueUrl('nested'), MessageBody: 'x' }),
};

async function setUp(world: CrashableRegion): Promise<void> {
  for (const QueueName of ['sent', 'told', 'nested']) await world.call('sqs:CreateQueue', { QueueName });
  await world.call('dynamodb:CreateTable', {
    TableName: 'counts',
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
  await world.call('events:PutRule', { Name: 'told', EventPattern: '{"source":["shop"]}' });
  const target = { Id: 'queue', Arn: 'arn:aws:sqs:us-east-1:000000000000:told' };
  await world.call('events:PutTargets', { Rule: 'told', Targets: [target] });
  await world.createMachine('child', CHILD);
  await world.createMachine('parent', PARENT);
  for (let pulses = 0; pulses < 10; pulses += 1) await world.pulse();
}

interface Effects {
  readonly status: unknown;
  readonly succeeded: number;
  readonly sent: number;
  readonly counted: unknown;
  readonly told: number;
  readonly started: number;
  readonly nested: number;
}

/** Runs the parent over a process that dies when `writesUntilCrash` groups of commits are on disk. */
async function runOverCrash(
  writesUntilCrash: number,
  wrap?: (store: Store) => Store,
): Promise<{ readonly effects: Effects; readonly hasCrashed: boolean }> {
  const world = new CrashableRegion(wrap);
  await setUp(world);
  const executionArn = await world.start('parent');
  world.writeCount = 0;
  for (let pulses = 0; pulses < 60 && world.writeCount < writesUntilCrash; pulses += 1) await world.pulse();
  const hasCrashed = world.writeCount === writesUntilCrash;
  if (hasCrashed) world.crash();
  const { status } = await world.end(executionArn);
  const { Item: item } = (await world.call('dynamodb:GetItem', {
    TableName: 'counts',
    Key: COUNT.Key,
  })) as { readonly Item?: { readonly n: { readonly N: string } } };
  const { executions } = await world.call('states:ListExecutions', { stateMachineArn: machineArn('child') });
  const effects = {
    status,
    succeeded: world.eventTypes(executionArn).filter((type) => type === 'TaskSucceeded').length,
    sent: (await world.bodies('sent')).length,
    counted: item?.n.N,
    told: (await world.bodies('told')).length,
    started: (executions as readonly unknown[]).length,
    nested: (await world.bodies('nested')).length,
  };
  return { effects, hasCrashed };
}

const ONCE: Effects = {
  status: 'SUCCEEDED',
  succeeded: 4,
  sent: 1,
  counted: '1',
  told: 1,
  started: 1,
  nested: 1,
};

suite('what a task does inside the platform', () => {
  test('happens exactly once, between whichever two commits the process dies', async () => {
    let crashCount = 0;
    for (let writes = 0; ; writes += 1) {
      const { effects, hasCrashed } = await runOverCrash(writes);
      assert.deepEqual(effects, ONCE, `a crash after ${writes} writes`);
      if (!hasCrashed) break;
      crashCount += 1;
    }
    assert.ok(crashCount >= 8, `only ${crashCount} places to crash at`);
  });

  test('happens twice over a store that tears effect and step apart: the test before would see it', async () => {
    let doubled = 0;
    for (let writes = 0; writes < 20; writes += 1) {
      // It may also forget what was acknowledged, or end up with half a history.
      const run = await runOverCrash(writes, withoutAtomicity).catch(() => undefined);
      if (run === undefined) continue;
      const { effects } = run;
      if (effects.sent > 1 || effects.counted === '2' || effects.started > 1) doubled += 1;
    }
    assert.ok(doubled > 0);
  });
});

/** What a task of one state fails with. */
async function failureOf(world: CrashableRegion, resource: string, parameters: object): Promise<Output> {
  await world.createMachine('fails', { Fail: action(resource, parameters) });
  const { error, cause } = await world.end(await world.start('fails'));
  return { error, cause: String(cause).replace(/Request ID: [0-9a-f-]{36}/, 'Request ID: X') };
}

async function outputOf(world: CrashableRegion, resource: string, parameters: object): Promise<Output> {
  await world.createMachine('works', { Work: { ...action(resource, parameters), ResultPath: '$' } });
  const { status, output, cause } = await world.end(await world.start('works'));
  assert.equal(status, 'SUCCEEDED', String(cause));
  return JSON.parse(String(output)) as Output;
}

test('a trace goes from an execution through its tasks to all that came of them', async () => {
  const world = new CrashableRegion();
  await setUp(world);
  const executionArn = await world.start('parent');
  await world.end(executionArn);
  assert.deepEqual(await world.effectKinds(executionArn), [
    'event',
    'execution',
    'execution',
    'message',
    'message',
    'message',
    'request',
    'request',
  ]);
});

suite('a refusal is the service\u2019s own', () => {
  const refusals: readonly (readonly [resource: string, parameters: object, error: string, cause: string])[] =
    [
      [
        'dynamodb:putItem',
        { TableName: 'counts', Item: COUNT.Key, ConditionExpression: 'attribute_exists(id)' },
        'DynamoDB.ConditionalCheckFailedException',
        'The conditional request failed (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ConditionalCheckFailedException; Request ID: X; Proxy: null)',
      ],
      [
        'dynamodb:putItem',
        { TableName: 'counts' },
        'DynamoDB.AmazonDynamoDBException',
        "1 validation error detected: Value null at 'item' failed to satisfy constraint: Member must not be null (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ValidationException; Request ID: X; Proxy: null)",
      ],
      [
        'aws-sdk:dynamodb:putItem',
        { TableName: 'counts' },
        'DynamoDb.DynamoDbException',
        "1 validation error detected: Value null at 'item' failed to satisfy constraint: Member must not be null (Service: DynamoDb, Status Code: 400, Request ID: X)",
      ],
      [
        'sqs:sendMessage',
        { QueueUrl: queueUrl('nowhere'), MessageBody: 'x' },
        'SQS.QueueDoesNotExistException',
        'The specified queue does not exist. (Service: AmazonSQS; Status Code: 400; Error Code: AWS.SimpleQueueService.NonExistentQueue; Request ID: X; Proxy: null)',
      ],
      [
        'sqs:sendMessage',
        { QueueUrl: queueUrl('sent'), MessageBody: 'x', DelaySeconds: 901 },
        'SQS.AmazonSQSException',
        'Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900. (Service: AmazonSQS; Status Code: 400; Error Code: InvalidParameterValue; Request ID: X; Proxy: null)',
      ],
      [
        'events:putEvents',
        { Entries: [] },
        'EventBridge.AmazonEventBridgeException',
        "1 validation error detected: Value '[]' at 'entries' failed to satisfy constraint: Member must have length greater than or equal to 1 (Service: AmazonEventBridge; Status Code: 400; Error Code: ValidationException; Request ID: X; Proxy: null)",
      ],
      [
        'states:startExecution',
        { StateMachineArn: machineArn('nobody') },
        'StepFunctions.StateMachineDoesNotExistException',
        `State Machine Does Not Exist: '${machineArn('nobody')}' (Service: AWSStepFunctions; Status Code: 400; Error Code: StateMachineDoesNotExist; Request ID: X; Proxy: null)`,
      ],
    ];
  for (const [resource, parameters, error, cause] of refusals) {
    test(`${error} of ${resource}`, async () => {
      const world = new CrashableRegion();
      await setUp(world);
      assert.deepEqual(await failureOf(world, resource, parameters), { error, cause });
    });
  }
});

suite('an answer', () => {
  test('of aws-sdk has instants as ISO 8601, names that begin with a capital, and nothing around it', async () => {
    const world = new CrashableRegion();
    await setUp(world);
    const {
      Status: status,
      StartDate: startDate,
      ...rest
    } = await outputOf(world, 'aws-sdk:sfn:describeExecution', {
      'ExecutionArn.$': '$$.Execution.Id',
    });
    assert.equal(status, 'RUNNING');
    assert.match(String(startDate), /^2026-01-01T00:00:\d\d\.\d{3}Z$/);
    assert.equal('SdkHttpMetadata' in rest, false);
  });

  test('of a read that takes several turns is there, too', async () => {
    const world = new CrashableRegion();
    await setUp(world);
    await world.call('dynamodb:PutItem', { TableName: 'counts', Item: COUNT.Key });
    const { Count: count, Items: items } = await outputOf(world, 'aws-sdk:dynamodb:scan', {
      TableName: 'counts',
    });
    assert.deepEqual([count, items], [1, [COUNT.Key]]);
  });

  test('tells of an event that was refused, and the others are put', async () => {
    const world = new CrashableRegion();
    await setUp(world);
    const entry = { Source: 'shop', DetailType: 'told', Detail: { a: 1 } };
    const entries = [entry, { ...entry, Source: 'aws.ours' }];
    const { error, cause } = await failureOf(world, 'events:putEvents', { Entries: entries });
    assert.equal(error, 'EventBridge.FailedEntry');
    assert.equal((JSON.parse(String(cause)) as Output)['FailedEntryCount'], 1);
    const [body = '{}'] = await world.bodies('told');
    const event = JSON.parse(body) as Output;
    assert.deepEqual(event['detail'], { a: 1 });
    assert.deepEqual(event['resources'], [
      machineArn('fails'),
      'arn:aws:states:us-east-1:000000000000:execution:fails:one',
    ]);
  });
});

const FOREVER = { Wait: { Type: 'Wait', Seconds: 1_000_000, End: true } };

/** A nested execution that nests another one. */
async function createNest(
  world: CrashableRegion,
): Promise<{ readonly middle: string; readonly leaf: string }> {
  const nested = (name: string, rest: object = {}): object => ({
    ...action('states:startExecution.sync:2', { StateMachineArn: machineArn(name), Name: 'one' }),
    ...rest,
  });
  await world.createMachine('leaf', FOREVER);
  await world.createMachine('middle', { Start: nested('leaf') });
  await world.createMachine('top', { Start: nested('middle') });
  await world.createMachine('hasty', { Start: nested('middle', { TimeoutSeconds: 5 }) });
  const branch = (states: Readonly<Record<string, object>>): object => ({
    StartAt: Object.keys(states)[0],
    States: states,
  });
  const failing = branch({
    Wait: { Type: 'Wait', Seconds: 5, Next: 'Fail' },
    Fail: { Type: 'Fail', Error: 'E' },
  });
  await world.createMachine('beside', {
    Both: { Type: 'Parallel', Branches: [branch({ Start: nested('middle') }), failing], End: true },
  });
  const arn = (name: string): string => `arn:aws:states:us-east-1:000000000000:execution:${name}:one`;
  return { middle: arn('middle'), leaf: arn('leaf') };
}

suite('an action that a definition may name', () => {
  const ACTIONS: Readonly<Record<string, string>> = {
    dynamodb: 'deleteItem getItem putItem updateItem',
    events: 'putEvents',
    sqs: 'sendMessage',
    states: 'startExecution',
    'aws-sdk:dynamodb':
      'batchGetItem batchWriteItem deleteItem describeTable getItem putItem query scan transactGetItems transactWriteItems updateItem',
    'aws-sdk:eventbridge': 'putEvents',
    'aws-sdk:sfn':
      'describeExecution describeStateMachine sendTaskFailure sendTaskHeartbeat sendTaskSuccess startExecution stopExecution',
    'aws-sdk:sqs': 'deleteMessage getQueueAttributes getQueueUrl sendMessage sendMessageBatch',
  };
  for (const [service, names] of Object.entries(ACTIONS)) {
    test(`of ${service} is there, and says what it misses in a call of nothing`, async () => {
      for (const name of names.split(' ')) {
        const region = new CrashableRegion();
        const { error, cause } = await failureOf(region, `${service}:${name}`, {});
        assert.match(
          String(error),
          /^(?:DynamoDB|DynamoDb|EventBridge|SQS|Sqs|StepFunctions|Sfn)\.\w+$/,
          name,
        );
        assert.doesNotMatch(String(cause), /NotImplemented|by Millrace/, name);
      }
    });
  }
});

test('a number that JavaScript cannot hold arrives in a message as it was written', async () => {
  const region = new CrashableRegion();
  await setUp(region);
  const body = { 'id.$': '$.id' };
  await region.createMachine('exact', {
    Send: action('sqs:sendMessage', { QueueUrl: queueUrl('sent'), MessageBody: body }),
  });
  const started = { stateMachineArn: machineArn('exact'), input: '{"id":12345678901234567890}' };
  await region.call('states:StartExecution', started);
  for (let pulses = 0; pulses < 10; pulses += 1) await region.pulse();
  assert.deepEqual(await region.bodies('sent'), ['{"id":12345678901234567890}']);
});

suite('a nested execution that a task waits for', () => {
  test('is stopped with its parent, and those below it with it, in one commit', async () => {
    const world = new CrashableRegion();
    const { middle, leaf } = await createNest(world);
    const top = await world.start('top');
    for (let pulses = 0; pulses < 10; pulses += 1) await world.pulse();
    await world.call('states:StopExecution', { executionArn: top });
    world.crash();
    for (const executionArn of [top, middle, leaf]) {
      assert.equal((await world.describe(executionArn))['status'], 'ABORTED');
    }
  });

  test('is stopped when a branch beside its task fails', async () => {
    const world = new CrashableRegion();
    const { middle, leaf } = await createNest(world);
    const { status, error } = await world.end(await world.start('beside'));
    assert.deepEqual([status, error], ['FAILED', 'E']);
    for (const executionArn of [middle, leaf])
      assert.equal((await world.describe(executionArn))['status'], 'ABORTED');
  });

  test('runs on when the time of its task is up', async () => {
    const world = new CrashableRegion();
    const { middle } = await createNest(world);
    const { status, error } = await world.end(await world.start('hasty'));
    assert.deepEqual([status, error], ['FAILED', 'States.Timeout']);
    assert.equal((await world.describe(middle))['status'], 'RUNNING');
  });

  test('whose end its parent has not taken when the process dies is asked for at the next start', async () => {
    const world = new CrashableRegion();
    const { middle, leaf } = await createNest(world);
    const top = await world.start('top');
    for (let pulses = 0; pulses < 10; pulses += 1) await world.pulse();
    // The answer waits for the commit of the stop alone, not for what follows from it.
    await world.call('states:StopExecution', { executionArn: leaf, error: 'Enough' });
    world.crash();
    const { status, error, cause } = await world.end(top);
    assert.deepEqual([status, error], ['FAILED', 'States.TaskFailed']);
    const described = JSON.parse(String(cause)) as Output;
    assert.deepEqual([described['Status'], described['ExecutionArn']], ['FAILED', middle]);
    assert.match(String(described['Cause']), /"Error":"Enough"/);
  });
});
