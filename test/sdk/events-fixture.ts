/** What the tests of EventBridge stand on. */
import assert from 'node:assert/strict';
import * as eb from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startTestServer, type TestServerOptions } from '../../src/testing/test-server.ts';

/** A server, clients for it, and what most tests do with them. */
export async function startEvents(options: TestServerOptions = {}) {
  const server = await startTestServer(options);
  const events = new eb.EventBridgeClient({ ...server.clientConfig(), maxAttempts: 1 });
  const sqs = new SQSClient(server.clientConfig());
  const createQueue = async (name: string) => {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
    return { url: QueueUrl, arn: `arn:aws:sqs:us-east-1:000000000000:${name}` };
  };
  const receive = async (queue: { url: string | undefined }) => {
    const request = { QueueUrl: queue.url, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] };
    return (await sqs.send(new ReceiveMessageCommand(request))).Messages ?? [];
  };
  const putRule = (name: string, options: Partial<eb.PutRuleCommandInput> = {}) =>
    events.send(new eb.PutRuleCommand({ Name: name, EventPattern: '{"source":["shop"]}', ...options }));
  return { server, events, createQueue, receive, putRule, [Symbol.asyncDispose]: () => server.close() };
}

export const ENTRY = { Source: 'shop', DetailType: 'OrderCreated', Detail: '{"order":1}' };

/** What an operation is refused with. */
export async function refusal(work: Promise<unknown>): Promise<[string, string]> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof eb.EventBridgeServiceException);
    return [error.name, error.message];
  }
  return assert.fail('it was not refused');
}
