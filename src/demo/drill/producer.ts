/**
 * The producer of the drill: it puts orders through the global endpoint at a steady rate, as a client does that trusts
 * DNS. It asks where the endpoint is, sends there, and when that fails it asks again and sends again, until somebody
 * has acknowledged the order. What it does not know it keeps, too: an order whose answer was lost may be on a bus
 * twice.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { RemoteError, UnreachableError } from '../../cli/aws-client.ts';
import { BUS } from '../architecture.ts';
import type { DemoOrder } from '../orders.ts';
import type { DrillInstallation } from './installation.ts';
import { endpointHost } from './names.ts';

/** What became of an order at the global endpoint. */
export interface ProducedOrder {
  readonly order: DemoOrder;
  /** Times that it was acknowledged: 0 for one that was refused for what it is, or never taken. */
  acknowledged: number;
  /** Times that it was sent and nobody knows whether it was taken. */
  unknown: number;
  /** Present when an order is refused for what it is. */
  errorCode: string | undefined;
  /** Of the event that was acknowledged. */
  eventId: string | undefined;
}

export interface ProducerOptions {
  readonly installation: DrillInstallation;
  readonly endpointId: string;
  readonly orders: Iterator<DemoOrder>;
  readonly ordersPerSecond: number;
}

interface PutEventsAnswer {
  readonly Entries: readonly { readonly EventId?: string; readonly ErrorCode?: string }[];
}

const TICK_MS = 100;
const RETRY_MS = 100;
/** A client that has not got through for so long gives up. */
const GIVE_UP_MS = 60_000;
const ENTRIES_MAX = 10;

export class Producer {
  readonly produced: ProducedOrder[] = [];
  /** When each acknowledgement came, milliseconds since the epoch. */
  readonly acknowledgedAtMs: number[] = [];
  /** Requests that failed, for whatever reason. */
  failedRequests = 0;
  readonly #options: ProducerOptions;
  readonly #underWay = new Set<Promise<void>>();
  #running: Promise<void> = Promise.resolve();
  #isStopping = false;

  constructor(options: ProducerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Sends nothing new, and resolves once everything sent has been acknowledged or given up. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
    await Promise.all(this.#underWay);
  }

  async #run(): Promise<void> {
    const { orders, ordersPerSecond } = this.#options;
    const startedMs = Date.now();
    let sent = 0;
    while (!this.#isStopping) {
      const due = Math.floor(((Date.now() - startedMs) / 1000) * ordersPerSecond);
      while (sent < due) {
        const batch: DemoOrder[] = [];
        for (; batch.length < Math.min(ENTRIES_MAX, due - sent);) {
          const next = orders.next();
          if (next.done === true) return;
          batch.push(next.value);
        }
        sent += batch.length;
        const sending = this.#send(batch).finally(() => this.#underWay.delete(sending));
        this.#underWay.add(sending);
      }
      await sleep(TICK_MS);
    }
  }

  async #send(batch: readonly DemoOrder[]): Promise<void> {
    const produced = batch.map((order): ProducedOrder => {
      return { order, acknowledged: 0, unknown: 0, errorCode: undefined, eventId: undefined };
    });
    this.produced.push(...produced);
    const giveUpMs = Date.now() + GIVE_UP_MS;
    while (Date.now() < giveUpMs) {
      try {
        const { Entries: entries } = await this.#put(batch);
        this.acknowledgedAtMs.push(Date.now());
        for (const [index, each] of produced.entries()) {
          each.eventId = entries[index]?.EventId;
          each.errorCode = entries[index]?.ErrorCode;
          if (each.eventId !== undefined) each.acknowledged += 1;
        }
        return;
      } catch (error) {
        this.failedRequests += 1;
        if (mayHaveArrived(error)) for (const each of produced) each.unknown += 1;
        await sleep(RETRY_MS);
      }
    }
  }

  async #put(batch: readonly DemoOrder[]): Promise<PutEventsAnswer> {
    const { installation, endpointId } = this.#options;
    const address = await installation.resolveAny(endpointHost(endpointId));
    if (address === undefined) throw new NotSent('no DNS server answers');
    const Entries = batch.map(({ detail }) => {
      return { EventBusName: BUS, Source: 'app.orders', DetailType: 'OrderCreated', Detail: detail };
    });
    return await installation
      .clientAt(address)
      .json('events', 'PutEvents', { EndpointId: endpointId, Entries });
  }
}

class NotSent extends Error {}

/** A request that was refused, or that never left, has put nothing anywhere. */
function mayHaveArrived(error: unknown): boolean {
  if (error instanceof NotSent) return false;
  if (error instanceof RemoteError) return error.status >= 500;
  if (!(error instanceof UnreachableError)) return true;
  const { cause } = error.cause as { readonly cause?: { readonly code?: unknown } };
  return cause?.code !== 'ECONNREFUSED';
}
