/** Workflows that call the platform, through the SDKs and over a restart: what a user of them sees. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CreateTableCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SimClock } from '../../src/testing/sim-clock.ts';
import { startTestServer } from '../../src/testing/test-server.ts';

const ROLE = 'arn:aws:iam::000000000000:role/r';
const ORDERS = 'arn:aws:states:us-east-1:000000000000:stateMachine:orders';
const PACKING = 'arn:aws:states:us-east-1:000000000000:stateMachine:packing';

/** Takes an order once, asks somebody to approve it, and has another workflow pack it. */
const orders = (queueUrl: string): object => ({
  StartAt: 'Take',
  States: {
    Take: {
      Type: 'Task',
      Resource: 'arn:aws:states:::dynamodb:putItem',
      Parameters: {
        TableName: 'orders',
        Item: { id: { 'S.$': '$.id' }, state: { S: 'taken' } },
        ConditionExpression: 'attribute_not_exists(id)',
      },
      ResultPath: null,
      Catch: [{ ErrorEquals: ['DynamoDB.ConditionalCheckFailedException'], Next: 'Known' }],
      Next: 'Approve',
    },
    Approve: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Parameters: { QueueUrl: queueUrl, MessageBody: { 'id.$': '$.id', 'token.$': '$$.Task.Token' } },
      ResultPath: '$.approval',
      Next: 'Pack',
    },
    Pack: {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution.sync:2',
      Parameters: { StateMachineArn: PACKING, 'Input.$': '$' },
      OutputPath: '$.Output',
      End: true,
    },
    Known: { Type: 'Pass', Result: 'known', End: true },
  },
});

const PACK = {
  StartAt: 'Rest',
  States: {
    Rest: { Type: 'Wait', Seconds: 60, Next: 'Pack' },
    Pack: { Type: 'Pass', Parameters: { 'packed.$': '$.id', 'by.$': '$.approval.by' }, End: true },
  },
};

async function startClients(clock: SimClock, dataDir: string) {
  const server = await startTestServer({ clock, settings: { memory: false, dataDir } });
  const config = { ...server.clientConfig(), maxAttempts: 1 };
  const sfn = new SFNClient(config);
  const sqs = new SQSClient(config);
  const dynamodb = new DynamoDBClient(config);
  return {
    sfn,
    sqs,
    dynamodb,
    start: async (name: string): Promise<string | undefined> => {
      const input = { stateMachineArn: ORDERS, name, input: '{"id":"a1"}' };
      return (await sfn.send(new StartExecutionCommand(input))).executionArn;
    },
    /** How an execution stands at its end. The disk takes its time, so the clock is moved on as long as it runs. */
    end: async (executionArn: string | undefined) => {
      for (let seconds = 0; seconds < 500; seconds += 1) {
        const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
        if (execution.status !== 'RUNNING') return execution;
        await clock.advance(1000);
      }
      return assert.fail('it does not end');
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of [sfn, sqs, dynamodb]) client.destroy();
      await server.close();
    },
  };
}

test('a workflow writes an item, waits for a token and for another workflow, over a restart', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-test-'));
  const clock = new SimClock();
  try {
    let executionArn: string | undefined;
    let token: string | undefined;
    {
      await using clients = await startClients(clock, dataDir);
      const { sfn, sqs, dynamodb, start } = clients;
      const { QueueUrl: queueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'approvals' }));
      await dynamodb.send(
        new CreateTableCommand({
          TableName: 'orders',
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          BillingMode: 'PAY_PER_REQUEST',
        }),
      );
      for (const [name, definition] of [
        ['orders', orders(queueUrl)],
        ['packing', PACK],
      ] as const) {
        const input = { name, definition: JSON.stringify(definition), roleArn: ROLE };
        await sfn.send(new CreateStateMachineCommand(input));
      }
      executionArn = await start('first');
      const receive = new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 20 });
      const { Messages: [message] = [] } = await sqs.send(receive);
      ({ token } = JSON.parse(message?.Body ?? '{}') as { readonly token?: string });
    }
    await using clients = await startClients(clock, dataDir);
    const { sfn, dynamodb, start, end } = clients;
    await sfn.send(new SendTaskSuccessCommand({ taskToken: token, output: '{"by":"ann"}' }));
    const { Item: item } = await dynamodb.send(
      new GetItemCommand({ TableName: 'orders', Key: { id: { S: 'a1' } } }),
    );
    assert.deepEqual(item, { id: { S: 'a1' }, state: { S: 'taken' } });
    const { status, output } = await end(executionArn);
    assert.deepEqual([status, output], ['SUCCEEDED', '{"packed":"a1","by":"ann"}']);
    const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn }));
    const count = (type: string): number => events.filter((event) => event.type === type).length;
    assert.deepEqual(
      ['TaskScheduled', 'TaskStarted', 'TaskSubmitted', 'TaskSucceeded', 'TaskFailed'].map(count),
      [3, 3, 2, 3, 0],
    );
    const again = await start('second');
    assert.equal((await end(again)).output, '"known"');
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
