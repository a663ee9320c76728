/**
 * How far a region is behind: events at a steady rate to a bus of one region, whose rule sends them to the other one's,
 * which puts them into a queue. From the moment of sending to the moment of receiving from that queue.
 *
 *   npx node scripts/measure-replication.ts [--rate 1000] [--seconds 10]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { AwsClient } from '../src/cli/aws-client.ts';
import { startMeasured } from './measured-process.ts';

const EAST = 'us-east-1';
const WEST = 'us-west-2';
const ACCOUNT = '000000000000';
const RECEIVERS = 8;
const TICK_MS = 5;

const { values } = parseArgs({
  options: { rate: { type: 'string', default: '1000' }, seconds: { type: 'string', default: '10' } },
});
const [rate, seconds] = [Number(values.rate), Number(values.seconds)];

async function measure(mode: string): Promise<void> {
  await using server = await startMeasured(['--region', EAST, '--region', WEST, '--replication', mode]);
  const clientOf = (region: string): AwsClient => {
    const url = server.regions[region]?.endpoint ?? '';
    return new AwsClient({ url, region, accessKeyId: 'test', secretAccessKey: 'test' });
  };
  const [east, west] = [clientOf(EAST), clientOf(WEST)];
  const rule = async (client: AwsClient, Arn: string): Promise<void> => {
    await client.json('events', 'PutRule', { Name: 'all', EventPattern: '{"source":["shop"]}' });
    const RoleArn = `arn:aws:iam::${ACCOUNT}:role/events`;
    await client.json('events', 'PutTargets', { Rule: 'all', Targets: [{ Id: '1', Arn, RoleArn }] });
  };
  await west.json('sqs', 'CreateQueue', { QueueName: 'kept' });
  await rule(west, `arn:aws:sqs:${WEST}:${ACCOUNT}:kept`);
  await rule(east, `arn:aws:events:${WEST}:${ACCOUNT}:event-bus/default`);
  const lags: number[] = [];
  const answers: number[] = [];
  let isOver = false;
  const receive = async (): Promise<void> => {
    const QueueUrl = `${west.endpoint.url}/${ACCOUNT}/kept`;
    const input = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 };
    while (!isOver) {
      const { Messages: messages = [] } = await west.json<{
        Messages?: { Body: string; ReceiptHandle: string }[];
      }>('sqs', 'ReceiveMessage', input);
      const now = Date.now();
      for (const { Body } of messages)
        lags.push(now - (JSON.parse(Body) as { detail: { at: number } }).detail.at);
      if (messages.length === 0) continue;
      const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await west.json('sqs', 'DeleteMessageBatch', { QueueUrl, Entries });
    }
  };
  const receivers = Array.from({ length: RECEIVERS }, receive);
  const startedMs = Date.now();
  const puts: Promise<void>[] = [];
  for (let sent = 0; sent < rate * seconds;) {
    const due = Math.floor(((Date.now() - startedMs) / 1000) * rate);
    for (; sent < due; sent += 1) {
      const at = Date.now();
      const entry = { Source: 'shop', DetailType: 'x', Detail: JSON.stringify({ at }) };
      puts.push(
        east.json('events', 'PutEvents', { Entries: [entry] }).then(() => void answers.push(Date.now() - at)),
      );
    }
    await sleep(TICK_MS);
  }
  await Promise.all(puts);
  while (lags.length < rate * seconds) await sleep(TICK_MS);
  isOver = true;
  await Promise.all(receivers);
  // Half of the first second is the code getting warm.
  const warm = Math.floor(rate / 2);
  console.log(`${mode}: ${rate} events a second for ${seconds} s`);
  console.log(`  to the queue of the other region: ${quantiles(lags.slice(warm))}`);
  console.log(`  to the answer of PutEvents: ${quantiles(answers.slice(warm))}`);
}

function quantiles(milliseconds: readonly number[]): string {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${at(1)} ms`;
}

for (const mode of ['async', 'sync']) await measure(mode);
