/**
 * Queues: messages that are sent, that go round (each client sends one, receives one and deletes it), and that a pipe
 * carries on to another queue. What was sent, or has arrived, has to lie there at the end; what went round must have
 * left nothing.
 */
import type { AwsClient } from '../cli/aws-client.ts';
import {
  countMessages,
  createQueue,
  deleteQueue,
  FILLER,
  finishMessages,
  type Finished,
  nameOf,
  PLACE,
  queueArn,
  readAttribute,
  ROLE,
  type Scenario,
  sqsHeaders,
  template,
} from './scenario.ts';
import { until } from './until.ts';

const send = (queueUrl: string): ReturnType<typeof template> =>
  template(sqsHeaders('SendMessage'), {
    QueueUrl: queueUrl,
    MessageBody: JSON.stringify({ order: PLACE, text: FILLER }),
  });

export const sendMessage: Scenario = {
  name: 'send-message',
  title: 'SQS SendMessage',
  setUp: createQueue,
  requests: (queueUrl) => [send(queueUrl)],
  finish: finishMessages,
  tearDown: deleteQueue,
};

export const messageCycle: Scenario = {
  name: 'message-cycle',
  title: 'SQS Send, Receive, Delete',
  setUp: createQueue,
  requests: (queueUrl) => [
    send(queueUrl),
    // Each client receives after it has sent, so there is always one left for it: of itself or of another.
    template(sqsHeaders('ReceiveMessage'), { QueueUrl: queueUrl }, { captures: 'ReceiptHandle' }),
    template(
      sqsHeaders('DeleteMessage'),
      { QueueUrl: queueUrl, ReceiptHandle: PLACE },
      { isFilledByCapture: true },
    ),
  ],
  finish: async (client, queueUrl, acknowledged) => {
    const hidden = await readAttribute(client, queueUrl, 'ApproximateNumberOfMessagesNotVisible');
    return { count: acknowledged - (await countMessages(client, queueUrl)) - Number(hidden), waitedMs: 0 };
  },
  tearDown: deleteQueue,
};

/** The queue at the other end of the pipe. */
const targetUrl = (queueUrl: string): string => `${queueUrl}-target`;
const pipePath = (queueUrl: string): string => `/v1/pipes/${nameOf(queueUrl)}`;

/** What is measured is what arrives: the load sends faster than a pipe takes, and the rest is waited for. */
export const pipe: Scenario = {
  name: 'pipe',
  title: 'queue to pipe to queue',
  setUp: async (client, name) => {
    const queueUrl = await createQueue(client, name);
    const Target = await queueArn(client, await createQueue(client, nameOf(targetUrl(queueUrl))));
    await client.rest('pipes', 'POST', pipePath(queueUrl), {
      RoleArn: ROLE,
      Source: await queueArn(client, queueUrl),
      SourceParameters: { SqsQueueParameters: { BatchSize: 10 } },
      Target,
    });
    await until(async () => {
      const { CurrentState } = await client.rest<{ CurrentState: string }>(
        'pipes',
        'GET',
        pipePath(queueUrl),
      );
      return CurrentState === 'RUNNING';
    });
    return queueUrl;
  },
  requests: (queueUrl) => [send(queueUrl)],
  finish: (client, queueUrl, acknowledged) => finishArriving(client, targetUrl(queueUrl), acknowledged),
  tearDown: async (client, queueUrl) => {
    await client.rest('pipes', 'DELETE', pipePath(queueUrl));
    await deleteQueue(client, queueUrl);
    await deleteQueue(client, targetUrl(queueUrl));
  },
};

async function finishArriving(client: AwsClient, queueUrl: string, expected: number): Promise<Finished> {
  let count = 0;
  const waitedMs = await until(
    async () => {
      count = await countMessages(client, queueUrl);
      return count >= expected;
    },
    () => count,
  );
  return { count, waitedMs };
}
