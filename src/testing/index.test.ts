import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { start } from './index.ts';

test('a region of a test answers the SDK, and its time moves only when the test says so', async () => {
  await using region = await start({ settings: { region: 'eu-west-1' }, nowMs: 1_700_000_000_000 });
  const sqs = new SQSClient(region.clientConfig());
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'orders' }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'later', DelaySeconds: 900 }));
  const receive = async () => (await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages ?? [];
  assert.equal((await receive()).length, 0);
  await region.advance(900_000);
  assert.deepEqual(
    (await receive()).map(({ Body }) => Body),
    ['later'],
  );
  assert.equal(region.now(), 1_700_000_900_000);
  assert.equal(region.region, 'eu-west-1');
});
