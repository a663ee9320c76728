/**
 * A region on a disk in memory that a test writes group by group, so that it can die between any two of them, and the
 * calls of its clients. Time stands still but for `pulse`.
 */
import assert from 'node:assert/strict';
import { registry } from '../api/registry.ts';
import { silentLogger } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import { readHistory } from '../engine/workflow/execution-log.ts';
import { parseExecutionArn } from '../engine/workflow/execution-record.ts';
import { openRegion } from '../region.ts';
import { createMemoryDisk, createMemoryStore } from '../storage/memory/store.ts';
import type { Store } from '../storage/store.ts';
import { ProcessClock } from './process-clock.ts';
import { SimClock } from './sim-clock.ts';

const SCOPE = { account: '000000000000', region: 'us-east-1' };
const HOST = '127.0.0.1:4566';
const ROLE_ARN = 'arn:aws:iam::000000000000:role/work';
const PULSES_MAX = 2000;

// Models are loaded when they are first used, which takes as long as the machine likes: not so in here.
await Promise.all(
  [registry.sqs, registry.events, registry.dynamodb, registry.states].map(({ load }) => load()),
);

export const machineArn = (name: string): string =>
  `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;
export const queueUrl = (name: string): string => `http://${HOST}/000000000000/${name}`;

export type Output = Readonly<Record<string, unknown>>;

/** A region on a disk in memory. Nothing gets there but by `pulse`, one group of commits at a time. */
export class CrashableRegion {
  readonly clock = new SimClock();
  readonly #disk = createMemoryDisk();
  readonly #wrap: (store: Store) => Store;
  #writes: (() => void)[] = [];
  #process;
  #requests = 0;
  writeCount = 0;

  constructor(wrap: (store: Store) => Store = (store) => store) {
    this.#wrap = wrap;
    this.#process = this.#open();
  }

  #open() {
    const clock = new ProcessClock(this.clock);
    const writes: (() => void)[] = [];
    this.#writes = writes;
    const flush = (write: () => void): unknown => writes.push(write);
    const region = openRegion({
      store: this.#wrap(createMemoryStore({ clock, disk: this.#disk, flush })),
      clock,
      random: seededRandom(7 + this.#requests),
      log: silentLogger,
      onFatal: (error) => assert.fail(error),
      endpoint: `http://${HOST}`,
      dataDir: undefined,
      region: SCOPE.region,
      auth: 'open',
    });
    return { clock, region };
  }

  crash(): void {
    this.#process.clock.kill();
    this.#process = this.#open();
  }

  /** Writes one group of commits, or lets a second pass when there is none. */
  async pulse(): Promise<void> {
    await this.clock.advance(0);
    const write = this.#writes.shift();
    if (write === undefined) {
      await this.clock.advance(1000);
      return;
    }
    write();
    this.writeCount += 1;
    await this.clock.advance(0);
  }

  async call(name: string, input: object): Promise<Output> {
    const [service = '', operation = ''] = name.split(':');
    const handler = this.#process.region.services.get(service)?.handlers[operation];
    assert.ok(typeof handler === 'function', name);
    this.#requests += 1;
    const facts = { scope: SCOPE, accessKeyId: 'test', host: HOST, signal: new AbortController().signal };
    const answer = this.#process.region.answer(handler, input, { ...facts, requestId: `r${this.#requests}` });
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
    };
    answer.then(settle, settle);
    for (let pulses = 0; pulses < PULSES_MAX; pulses += 1) {
      await this.clock.advance(0);
      if (isSettled) break;
      this.#writes.shift()?.();
    }
    return (await answer) as Output;
  }

  async createMachine(name: string, states: Readonly<Record<string, object>>): Promise<void> {
    const definition = JSON.stringify({ StartAt: Object.keys(states)[0], States: states });
    await this.call('states:CreateStateMachine', { name, definition, roleArn: ROLE_ARN });
  }

  async start(machine: string, input: object = {}): Promise<string> {
    const started = { stateMachineArn: machineArn(machine), name: 'one', input: JSON.stringify(input) };
    return String((await this.call('states:StartExecution', started))['executionArn']);
  }

  describe(executionArn: string): Promise<Output> {
    return this.call('states:DescribeExecution', { executionArn });
  }

  /** Lets an execution come to its end, and answers how it stands then. */
  async end(executionArn: string): Promise<Output> {
    for (let pulses = 0; pulses < 50; pulses += 1) await this.pulse();
    return this.describe(executionArn);
  }

  /** The kinds of event in a history, which has no gap. */
  eventTypes(executionArn: string): string[] {
    const place = parseExecutionArn(executionArn);
    assert.ok(place);
    const { store } = this.#process.region.loop;
    const { events } = readHistory(store, place, { countMax: 1000, isReverse: false });
    assert.deepEqual(
      events.map(({ id }) => id),
      events.map((_, index) => index + 1),
      'the history has no gap',
    );
    return events.map(({ type }) => type);
  }

  /** Kinds of what came of an execution, and of what came of that. */
  async effectKinds(executionArn: string): Promise<string[]> {
    const { nodes } = await this.#process.region.trace.chain(executionArn);
    return nodes.map(({ kind }) => kind).toSorted();
  }

  async bodies(queue: string): Promise<string[]> {
    const input = { QueueUrl: queueUrl(queue), MaxNumberOfMessages: 10 };
    const { Messages: messages = [] } = (await this.call('sqs:ReceiveMessage', input)) as {
      readonly Messages?: readonly { readonly Body: string }[];
    };
    return messages.map(({ Body: body }) => body);
  }
}
