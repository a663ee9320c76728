/**
 * Whole regions of one installation over disks in memory, joined by a simulated network, on a clock that the test
 * moves: everything but processes, sockets and files. A region can be killed at any point, and the network cut.
 */
import assert from 'node:assert/strict';
import { registry } from '../api/registry.ts';
import { silentLogger } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import { openRegion, type Region, type RegionOptions } from '../region.ts';
import { createMemoryDisk, createMemoryStore, type MemoryDisk } from '../storage/memory/store.ts';
import type { Store } from '../storage/store.ts';
import { ProcessClock } from './process-clock.ts';
import { SimClock } from './sim-clock.ts';
import { type NetworkFaults, SimNetwork } from './sim-network.ts';

export const EAST = 'us-east-1';
export const WEST = 'us-west-2';
export const ACCOUNT = '000000000000';
const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/work`;
/** A call that has not been answered after so long will not be. */
const ANSWER_MS_MAX = 60_000;
const STEP_MS = 1;

// Models are loaded when they are first used, which takes as long as the machine likes: not so in here.
await Promise.all([registry.sqs, registry.events, registry.iam, registry.sts].map(({ load }) => load()));

export type Output = Readonly<Record<string, unknown>>;

export const busArn = (region: string, name = 'default', account = ACCOUNT): string =>
  `arn:aws:events:${region}:${account}:event-bus/${name}`;
export const queueArn = (region: string, name: string, account = ACCOUNT): string =>
  `arn:aws:sqs:${region}:${account}:${name}`;

export interface SimRegionsOptions {
  readonly regions?: readonly string[];
  readonly seed?: number;
  readonly faults?: NetworkFaults;
  /** Further settings of each region. */
  readonly settings?: (region: string) => Partial<RegionOptions>;
  /** Takes a protection out of the store of each. */
  readonly break?: (store: Store) => Store;
}

/** A region's process, and the disk that outlives it. */
interface Running {
  readonly clock: ProcessClock;
  readonly region: Region;
  readonly writes: (() => void)[];
}

export class SimRegions {
  readonly clock = new SimClock();
  readonly network: SimNetwork;
  readonly #options: SimRegionsOptions;
  readonly #disks = new Map<string, MemoryDisk>();
  readonly #running = new Map<string, Running>();
  /** Regions whose commits reach the disk only when a test says so, by `write`. */
  readonly #heldBack = new Set<string>();
  #opened = 0;
  #requests = 0;

  constructor(options: SimRegionsOptions = {}) {
    const { regions = [EAST, WEST], seed = 1, faults = {} } = options;
    this.#options = options;
    this.network = new SimNetwork({ regions, clock: this.clock, seed, faults });
    for (const region of regions) this.start(region);
  }

  /** A process of the region on what is on its disk. */
  start(name: string): void {
    const disk = this.#disks.get(name) ?? createMemoryDisk();
    this.#disks.set(name, disk);
    const clock = new ProcessClock(this.clock);
    const writes: (() => void)[] = [];
    const flush = (write: () => void): void => {
      const writeIfAlive = (): void => {
        if (this.#running.get(name)?.writes === writes) write();
      };
      if (this.#heldBack.has(name)) writes.push(writeIfAlive);
      else queueMicrotask(writeIfAlive);
    };
    this.#opened += 1;
    const { seed = 1, settings = () => ({}), break: broken = (store) => store } = this.#options;
    const installation = this.network.join(name);
    const region = openRegion({
      store: broken(createMemoryStore({ clock, disk, flush })),
      clock,
      random: seededRandom(seed * 1000 + this.#opened),
      log: silentLogger,
      onFatal: (error) => assert.fail(error),
      endpoint: installation.own.endpoint,
      dataDir: undefined,
      region: name,
      installation,
      auth: 'open',
      ...settings(name),
    });
    this.#running.set(name, { clock, region, writes });
  }

  /** `kill -9`: what is not on the disk is lost. */
  kill(name: string): void {
    this.#running.get(name)?.clock.kill();
    this.#running.delete(name);
    this.network.leave(name);
  }

  /** Dead, and its disk with it. */
  lose(name: string): void {
    this.kill(name);
    this.#disks.delete(name);
  }

  restart(name: string): void {
    this.kill(name);
    this.start(name);
  }

  /** Keeps commits off the disk, or lets all of them go there. */
  holdBack(name: string, isHeldBack: boolean): void {
    if (isHeldBack) this.#heldBack.add(name);
    else this.#heldBack.delete(name);
    if (!isHeldBack) for (const write of this.#running.get(name)?.writes.splice(0) ?? []) write();
  }

  region(name: string): Region {
    const running = this.#running.get(name);
    if (running === undefined) throw new Error(`${name} is not running`);
    return running.region;
  }

  isRunning(name: string): boolean {
    return this.#running.has(name);
  }

  /** Asks a region for an operation, such as `events:PutEvents`. Never settles when the region dies meanwhile. */
  ask(name: string, what: string, input: object, account = ACCOUNT): Promise<Output> {
    const [service = '', operation = ''] = what.split(':');
    const region = this.region(name);
    const handler = region.services.get(service)?.handlers[operation];
    assert.ok(typeof handler === 'function', what);
    this.#requests += 1;
    const facts = {
      requestId: `r${this.#requests}`,
      scope: { account, region: name },
      accessKeyId: 'test',
      host: '127.0.0.1:4566',
      signal: new AbortController().signal,
    };
    return region.answer(handler, input, facts) as Promise<Output>;
  }

  /** Asks, and moves the clock until there is an answer. */
  async call(name: string, what: string, input: object, account = ACCOUNT): Promise<Output> {
    const answer = this.ask(name, what, input, account);
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
    };
    answer.then(settle, settle);
    for (let waitedMs = 0; waitedMs < ANSWER_MS_MAX; waitedMs += STEP_MS) {
      for (let turns = 0; turns < 3 && !isSettled; turns += 1) await this.clock.advance(0);
      if (isSettled) return answer;
      await this.clock.advance(STEP_MS);
    }
    throw new Error(`${what} was not answered`);
  }

  async createQueue(name: string, queue: string, account = ACCOUNT): Promise<string> {
    await this.call(name, 'sqs:CreateQueue', { QueueName: queue }, account);
    return queueArn(name, queue, account);
  }

  /** A rule for everything of the source `shop`, with targets by their ARNs or in full. */
  async createRule(
    name: string,
    rule: string,
    targets: readonly (string | Readonly<Record<string, unknown>>)[],
    bus = 'default',
  ): Promise<void> {
    const pattern = { Name: rule, EventPattern: '{"source":["shop"]}', EventBusName: bus };
    await this.call(name, 'events:PutRule', pattern);
    const full = targets.map((target, index) => {
      const given = typeof target === 'string' ? { Arn: target } : target;
      return { Id: `t${index}`, RoleArn: ROLE_ARN, ...given };
    });
    await this.call(name, 'events:PutTargets', { Rule: rule, EventBusName: bus, Targets: full });
  }

  /** Puts events of the source `shop` whose details are the numbers; answers their ids. */
  async put(name: string, numbers: readonly number[], bus = 'default'): Promise<string[]> {
    const answer = await this.call(name, 'events:PutEvents', putEventsInput(numbers, bus));
    return (answer['Entries'] as { EventId: string }[]).map(({ EventId: id }) => id);
  }

  /** Takes everything out of a queue: the bodies, which are JSON. */
  async drain(name: string, queue: string): Promise<Record<string, unknown>[]> {
    const url = `http://127.0.0.1:4566/${ACCOUNT}/${queue}`;
    const input = { QueueUrl: url, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] };
    const bodies: Record<string, unknown>[] = [];
    for (;;) {
      const { Messages: messages = [] } = (await this.call(name, 'sqs:ReceiveMessage', input)) as {
        Messages?: readonly { Body: string; ReceiptHandle: string; MessageAttributes?: object }[];
      };
      if (messages.length === 0) return bodies;
      for (const { Body, ReceiptHandle, MessageAttributes } of messages) {
        const attributes = MessageAttributes === undefined ? {} : { attributes: MessageAttributes };
        bodies.push({ ...(JSON.parse(Body) as object), ...attributes });
        await this.call(name, 'sqs:DeleteMessage', { QueueUrl: url, ReceiptHandle });
      }
    }
  }

  /** The numbers in the details of the events that a queue holds, in its order. */
  async drainNumbers(name: string, queue: string): Promise<number[]> {
    const events = await this.drain(name, queue);
    return events.map(({ detail }) => (detail as { number: number }).number);
  }
}

export function putEventsInput(numbers: readonly number[], bus = 'default'): object {
  return {
    Entries: numbers.map((number) => {
      return { Source: 'shop', DetailType: 'x', Detail: JSON.stringify({ number }), EventBusName: bus };
    }),
  };
}
