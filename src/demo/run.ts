/** One run of the demo: sends the orders, waits until each has arrived somewhere, and balances the ledger. */
import type { AwsClient } from '../cli/aws-client.ts';
import type { Chain } from '../engine/trace/chain.ts';
import type { Architecture } from './architecture.ts';
import { balance, isToBeProcessed, type Ledger } from './ledger.ts';
import { countExecutions, readChain, readDropReason, readProcessed } from './observe.ts';
import type { DemoOrder } from './orders.ts';
import { sendOrders, type SentOrder } from './send.ts';

export interface RunOptions {
  readonly client: AwsClient;
  readonly architecture: Architecture;
  readonly orders: readonly DemoOrder[];
  /** With which the ids of the orders begin. */
  readonly run: string;
  readonly onProgress: (text: string) => void;
}

export interface DemoResult {
  readonly ledger: Ledger;
  readonly eventsPerSecond: number;
  /** From the first order sent to the last one arrived. */
  readonly seconds: number;
  /** The trace of one processed order. */
  readonly chain: Chain | undefined;
}

/** Nothing has moved for this long: what is missing now will be missing in the ledger. */
const STALLED_AFTER_MS = 40_000;
const LOOK_INTERVAL_MS = 250;

export async function runOrders(options: RunOptions): Promise<DemoResult> {
  const { client, orders, onProgress } = options;
  const startedAtMs = Date.now();
  const sent = await sendOrders(client, orders, (count) => onProgress(`${count} of ${orders.length} sent`));
  const sendSeconds = (Date.now() - startedAtMs) / 1000;
  const arrived = await waitForArrivals(options, sent, startedAtMs);
  const seconds = (Date.now() - startedAtMs) / 1000;
  const dropReasons = await waitForReasons(client, sent);
  const acknowledged = sent.filter(({ eventId }) => eventId !== undefined).length;
  const example = sent.find(isToBeProcessed);
  return {
    ledger: balance({ sent, dropReasons, ...arrived }),
    eventsPerSecond: Math.round(acknowledged / sendSeconds),
    seconds: Math.round(seconds * 10) / 10,
    chain: example?.eventId === undefined ? undefined : await readChain(client, example.eventId),
  };
}

type Arrived = Pick<Parameters<typeof balance>[0], 'processed' | 'executions'>;

async function waitForArrivals(
  { client, architecture, run, onProgress }: RunOptions,
  sent: readonly SentOrder[],
  startedAtMs: number,
): Promise<Arrived> {
  const expected = sent.filter(isToBeProcessed).length;
  let lastMoveMs = Date.now();
  let lastDone = -1;
  for (;;) {
    const processed = await readProcessed(client, run, startedAtMs);
    const executions = await countExecutions(client, architecture.stateMachineArn, startedAtMs);
    const ended = Object.entries(executions).reduce(
      (sum, [status, count]) => sum + (status === 'RUNNING' ? 0 : count),
      0,
    );
    onProgress(`${processed.length} of ${expected} processed, ${ended} executions ended`);
    const acknowledged = sent.filter(({ eventId }) => eventId !== undefined).length;
    if (processed.length >= expected && ended >= acknowledged) return { processed, executions };
    if (processed.length + ended !== lastDone) {
      lastDone = processed.length + ended;
      lastMoveMs = Date.now();
    }
    if (Date.now() - lastMoveMs > STALLED_AFTER_MS) return { processed, executions };
    await pause();
  }
}

/** The reason of each event that was acknowledged and not to be processed. */
async function waitForReasons(
  client: AwsClient,
  sent: readonly SentOrder[],
): Promise<Map<string, string | undefined>> {
  const reasons = new Map<string, string | undefined>();
  for (const order of sent) {
    if (order.eventId === undefined || isToBeProcessed(order)) continue;
    reasons.set(order.eventId, await readDropReason(client, order.eventId));
  }
  return reasons;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
}
