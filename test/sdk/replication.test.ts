/** Events from a bus of one region to a bus of another, over sockets, between servers with stores of their own. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateAccessKeyCommand, CreateUserCommand, GetUserCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { RegionPair } from '../../src/testing/region-pair.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const EAST = 'us-east-1';
const WEST = 'us-west-2';
const ROLE = 'arn:aws:iam::000000000000:role/events';
const WEST_BUS = `arn:aws:events:${WEST}:000000000000:event-bus/default`;
const PATTERN = JSON.stringify({ source: ['shop'] });
/** What did not come within so many looks will not. */
const LOOKS_MAX = 200;

async function connect(pair: RegionPair): Promise<void> {
  const sqs = new SQSClient(pair.server(WEST).clientConfig());
  await sqs.send(new CreateQueueCommand({ QueueName: 'kept' }));
  const targets = [
    { region: EAST, target: { Id: 'west', Arn: WEST_BUS, RoleArn: ROLE } },
    { region: WEST, target: { Id: 'queue', Arn: `arn:aws:sqs:${WEST}:000000000000:kept` } },
  ];
  for (const { region, target } of targets) {
    const events = new EventBridgeClient(pair.server(region).clientConfig());
    await events.send(new PutRuleCommand({ Name: 'on', EventPattern: PATTERN }));
    await events.send(new PutTargetsCommand({ Rule: 'on', Targets: [target] }));
  }
}

async function put(pair: RegionPair, numbers: readonly number[]): Promise<string[]> {
  const events = new EventBridgeClient(pair.server(EAST).clientConfig());
  const ids: string[] = [];
  for (const number of numbers) {
    const Detail = JSON.stringify({ number });
    const answer = await events.send(
      new PutEventsCommand({ Entries: [{ Source: 'shop', DetailType: 'x', Detail }] }),
    );
    ids.push(answer.Entries?.[0]?.EventId ?? '');
  }
  return ids;
}

/** Takes so many events out of the queue in the west, in its order. */
async function take(pair: RegionPair, count: number): Promise<{ id: string; detail: { number: number } }[]> {
  const sqs = new SQSClient(pair.server(WEST).clientConfig());
  const QueueUrl = `${pair.server(WEST).endpoint}/000000000000/kept`;
  const taken: { id: string; detail: { number: number } }[] = [];
  for (let look = 0; look < LOOKS_MAX && taken.length < count; look += 1) {
    const command = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 });
    for (const { Body = '', ReceiptHandle } of (await sqs.send(command)).Messages ?? []) {
      taken.push(JSON.parse(Body) as (typeof taken)[0]);
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
  return taken;
}

const numbersFrom = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => from + index);

suite('two regions', () => {
  test('bring events to each other in order and once, also those that had to wait', async () => {
    await using pair = await RegionPair.start();
    await connect(pair);
    const ids = await put(pair, numbersFrom(0, 20));
    await pair.server(WEST).close();
    ids.push(...(await put(pair, numbersFrom(20, 20))));
    await pair.startRegion(WEST);
    const taken = await take(pair, 40);
    assert.deepEqual(
      taken.map(({ detail }) => detail.number),
      numbersFrom(0, 40),
    );
    assert.deepEqual(
      taken.map(({ id }) => id),
      ids,
    );
  });

  test('acknowledge what both have, where they are told to', async () => {
    await using pair = await RegionPair.start({ replication: 'sync' });
    await connect(pair);
    const ids = await put(pair, numbersFrom(0, 5));
    // Whatever was acknowledged is in the west by now: it takes no look more than there are events.
    await pair.server(EAST).close();
    assert.deepEqual(
      (await take(pair, 5)).map(({ id }) => id),
      ids,
    );
  });

  test('know each other’s users and keys', async () => {
    await using pair = await RegionPair.start();
    const iam = new IAMClient(pair.server(EAST).clientConfig());
    await iam.send(new CreateUserCommand({ UserName: 'ada' }));
    const { AccessKey: made } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ada' }));
    const credentials = {
      accessKeyId: made?.AccessKeyId ?? '',
      secretAccessKey: made?.SecretAccessKey ?? '',
    };
    const west = new IAMClient({ ...pair.server(WEST).clientConfig(), credentials, maxAttempts: 1 });
    let arn: string | undefined;
    for (let look = 0; look < LOOKS_MAX && arn === undefined; look += 1) {
      arn = await west.send(new GetUserCommand({ UserName: 'ada' })).then(
        ({ User: user }) => user?.Arn,
        () => undefined,
      );
      await nextTurn();
    }
    assert.equal(arn, 'arn:aws:iam::000000000000:user/ada');
  });
});
