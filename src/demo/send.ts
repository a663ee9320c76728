/** The producer of the demo: it puts the orders on the bus and keeps what became of each entry. */
import type { AwsClient } from '../cli/aws-client.ts';
import { BUS } from './architecture.ts';
import type { DemoOrder } from './orders.ts';

/** An order and the bus's answer to it. */
export interface SentOrder {
  readonly order: DemoOrder;
  /** Present when the event was acknowledged. */
  readonly eventId: string | undefined;
  /** Present when it was refused. */
  readonly errorCode: string | undefined;
  readonly sentAtMs: number;
}

interface PutEventsAnswer {
  readonly Entries: readonly { readonly EventId?: string; readonly ErrorCode?: string }[];
}

/** Entries of one PutEvents, as many as it takes. */
const ENTRIES_PER_CALL = 10;
/** Calls under way at once. */
const CALLS_IN_FLIGHT = 4;

export async function sendOrders(
  client: AwsClient,
  orders: readonly DemoOrder[],
  onProgress: (sentCount: number) => void,
): Promise<SentOrder[]> {
  const sent: SentOrder[] = [];
  const batches = Array.from({ length: Math.ceil(orders.length / ENTRIES_PER_CALL) }, (_, index) =>
    orders.slice(index * ENTRIES_PER_CALL, (index + 1) * ENTRIES_PER_CALL),
  );
  const work = async (): Promise<void> => {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      sent.push(...(await sendBatch(client, batch)));
      onProgress(sent.length);
    }
  };
  await Promise.all(Array.from({ length: CALLS_IN_FLIGHT }, work));
  return sent;
}

async function sendBatch(client: AwsClient, batch: readonly DemoOrder[]): Promise<SentOrder[]> {
  const sentAtMs = Date.now();
  const { Entries } = await client.json<PutEventsAnswer>('events', 'PutEvents', {
    Entries: batch.map(({ detail }) => ({
      EventBusName: BUS,
      Source: 'app.orders',
      DetailType: 'OrderCreated',
      Detail: detail,
    })),
  });
  return batch.map((order, index) => ({
    order,
    eventId: Entries[index]?.EventId,
    errorCode: Entries[index]?.ErrorCode,
    sentAtMs,
  }));
}
