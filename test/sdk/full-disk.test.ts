/** What goes on and what does not while the disk is nearly full. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { CreateStateMachineCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { createMemoryStore } from '../../src/storage/memory/store.ts';
import { onFullDisk } from '../../src/testing/broken-store.ts';
import { startTestServer } from '../../src/testing/test-server.ts';

const DEFINITION = JSON.stringify({ StartAt: 'Done', States: { Done: { Type: 'Succeed' } } });

test('a nearly full disk takes nothing new, and what is there is still received and deleted', async () => {
  const disk = { isFull: false };
  await using server = await startTestServer({ store: onFullDisk(createMemoryStore(), disk) });
  const config = { ...server.clientConfig(), maxAttempts: 1 };
  const sqs = new SQSClient(config);
  const events = new EventBridgeClient(config);
  const states = new SFNClient(config);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'orders' }));
  const { stateMachineArn } = await states.send(
    new CreateStateMachineCommand({
      name: 'work',
      definition: DEFINITION,
      roleArn: 'arn:aws:iam::000000000000:role/work',
    }),
  );
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }));

  const entry = { Source: 'test', DetailType: 'T', Detail: '{}' };
  const admissions = [
    () => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'b' })),
    () => sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'b', MessageBody: 'b' }] })),
    () => sqs.send(new CreateQueueCommand({ QueueName: 'other' })),
    () => events.send(new PutEventsCommand({ Entries: [entry] })),
    () => states.send(new StartExecutionCommand({ stateMachineArn })),
  ];
  disk.isFull = true;
  for (const admit of admissions) await assert.rejects(admit(), { name: 'ServiceUnavailable' });
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  assert.equal(Messages?.length, 1);
  await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages[0]?.ReceiptHandle }));
  disk.isFull = false;
  for (const admit of admissions) await admit();
  for (const client of [sqs, events, states]) client.destroy();
});
