/**
 * A workload for crash tests and the simulator: clients that use a region through its API while it dies and comes
 * back, and note what they did and what they were told. `audit.ts` then drains the region and says what is wrong.
 *
 *     send, receive, delete      queue orders, a message hidden for two seconds and given up after two receives
 *     PutEvents                  bus shop: rule every -> queue events and state machine flow; rule large -> queue large
 *     StartExecution by name     state machine flow: a choice between a wait, a loop longer than a step, and neither;
 *                                its last task sends a message to queue told
 *     send                       queue intake -> pipe -> queue outlet
 *     FIFO queues                `fifo.ts`
 *     PutItem, GetItem           table items, each key with growing versions by one client
 *
 * Every body, event and execution carries a number of its own, so that whatever comes back can be told apart.
 */
import { type Random, randomBelow } from '../../src/base/random.ts';
import type { Span } from '../../src/testing/checkers.ts';
import { FifoLoad } from './fifo.ts';
import { arn, queueArn, queueUrl, ROLE_ARN } from './names.ts';
import { type Output, Recorder, type Reply, type StartSeen } from './recorder.ts';

const HIDDEN_SECONDS = 2;
export const LARGE = 50;
/** Each iteration is two transitions: more than one step takes, so that the execution yields in between. */
const LOOPS = 110;

/** Receives of a message of `orders` before it goes to `dead`. */
const RECEIVES_MAX = 2;

export const QUEUES = ['dead', 'orders', 'events', 'large', 'intake', 'outlet', 'told'] as const;
export type QueueName = (typeof QUEUES)[number];

export const MACHINE_ARN = arn('states', 'stateMachine:flow');

const FLOW = {
  StartAt: 'Route',
  States: {
    Route: {
      Type: 'Choice',
      Choices: [
        { Variable: '$.detail.pause', NumericGreaterThan: 0, Next: 'Pause' },
        { Variable: '$.detail.loops', NumericGreaterThan: 0, Next: 'Loop' },
      ],
      Default: 'Finish',
    },
    Pause: { Type: 'Wait', SecondsPath: '$.detail.pause', Next: 'Finish' },
    Loop: {
      Type: 'Pass',
      Parameters: {
        detail: { 'number.$': '$.detail.number', 'loops.$': 'States.MathAdd($.detail.loops, -1)' },
      },
      Next: 'Again',
    },
    Again: {
      Type: 'Choice',
      Choices: [{ Variable: '$.detail.loops', NumericGreaterThan: 0, Next: 'Loop' }],
      Default: 'Finish',
    },
    Finish: { Type: 'Pass', OutputPath: '$.detail.number', Next: 'Tell' },
    Tell: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage',
      Parameters: { QueueUrl: queueUrl('told'), 'MessageBody.$': '$' },
      ResultPath: null,
      Next: 'Done',
    },
    Done: { Type: 'Succeed' },
  },
};

/** Calls one operation of the region; never rejects. */
export type Call = (service: string, operation: string, input: object) => Promise<Reply>;

/** One call of a client. */
export interface ClientCall {
  readonly service: string;
  readonly operation: string;
  readonly input: object;
  /** Names it in the trace. */
  readonly label: string;
  /** Something is on disk when it is acknowledged. */
  readonly isWrite: boolean;
  /** The code with which it may be refused; any other refusal is a mistake. */
  readonly refusal?: string;
}

export interface WorkloadOptions {
  readonly call: Call;
  /** Milliseconds since the epoch, by the region's own clock. */
  readonly now: () => number;
  readonly sleep: (durationMs: number) => Promise<void>;
  /** One line for each call and its reply. */
  readonly trace?: (line: string) => void;
}

/** One client: it does one thing at a time. */
export interface Client {
  readonly name: string;
  readonly random: Random;
}

export class Workload {
  readonly recorder = new Recorder();
  readonly fifo = new FifoLoad(this);
  readonly now: () => number;
  readonly sleep: (durationMs: number) => Promise<void>;
  readonly #call: Call;
  readonly #trace: (line: string) => void;
  #number = 0;

  constructor(options: WorkloadOptions) {
    this.now = options.now;
    this.sleep = options.sleep;
    this.#call = options.call;
    this.#trace = options.trace ?? (() => undefined);
  }

  /** Makes everything that the clients use, in a region that is up. */
  async setUp(): Promise<void> {
    for (const QueueName of QUEUES) {
      const Attributes = { VisibilityTimeout: String(HIDDEN_SECONDS) };
      const RedrivePolicy = JSON.stringify({
        deadLetterTargetArn: queueArn('dead'),
        maxReceiveCount: RECEIVES_MAX,
      });
      await this.must('sqs', 'CreateQueue', {
        QueueName,
        Attributes: QueueName === 'orders' ? { ...Attributes, RedrivePolicy } : Attributes,
      });
    }
    await this.must('states', 'CreateStateMachine', {
      name: 'flow',
      definition: JSON.stringify(FLOW),
      roleArn: ROLE_ARN,
    });
    await this.must('events', 'CreateEventBus', { Name: 'shop' });
    const every = [
      { Id: 'queue', Arn: queueArn('events') },
      { Id: 'flow', Arn: MACHINE_ARN, RoleArn: ROLE_ARN },
    ];
    await this.#rule('every', { source: ['shop'] }, every);
    const large = { source: ['shop'], detail: { size: [{ numeric: ['>=', LARGE] }] } };
    await this.#rule('large', large, [{ Id: 'queue', Arn: queueArn('large') }]);
    await this.must('pipes', 'CreatePipe', {
      Name: 'intake',
      RoleArn: ROLE_ARN,
      Source: queueArn('intake'),
      Target: queueArn('outlet'),
    });
    await this.fifo.setUp();
    await this.must('dynamodb', 'CreateTable', {
      TableName: 'items',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
  }

  async #rule(Name: string, pattern: object, Targets: object[]): Promise<void> {
    await this.must('events', 'PutRule', {
      Name,
      EventBusName: 'shop',
      EventPattern: JSON.stringify(pattern),
    });
    await this.must('events', 'PutTargets', { Rule: Name, EventBusName: 'shop', Targets });
  }

  /** A call that nothing may hinder; undefined when it is refused. Throws when there is no answer. */
  async find(service: string, operation: string, input: object): Promise<Output | undefined> {
    const reply = await this.#call(service, operation, input);
    if (reply.kind === 'unknown') throw new Error(`${operation}: no answer`);
    return reply.kind === 'refused' ? undefined : reply.output;
  }

  /** A call that has to be acknowledged: anything else throws. */
  async must(service: string, operation: string, input: object): Promise<Output> {
    const output = await this.find(service, operation, input);
    if (output === undefined) throw new Error(`${operation} ${JSON.stringify(input)} was refused`);
    return output;
  }

  /** Has a client do one thing, whatever comes of it. */
  async step(client: Client): Promise<void> {
    if (randomBelow(client.random, 4) === 0) return this.fifo.step(client);
    const draw = randomBelow(client.random, 100);
    if (draw < 20) await this.#send(client, 'orders');
    else if (draw < 45) await this.#receive(client);
    else if (draw < 65) await this.#putEvents(client);
    else if (draw < 78) await this.#start(client);
    else if (draw < 86) await this.#send(client, 'intake');
    else if (draw < 94) await this.#putItem(client);
    else await this.#getItem(client);
  }

  /** A number that nothing else has. */
  next(): number {
    this.#number += 1;
    return this.#number;
  }

  /** Calls for a client, and notes when that was and what came of it. */
  async do(client: Client, call: ClientCall): Promise<{ readonly reply: Reply; readonly span: Span }> {
    const { service, operation, input, label, isWrite, refusal } = call;
    const begunAt = this.recorder.tick();
    this.#trace(`${client.name} ${operation} ${label}`);
    const reply = await this.#call(service, operation, input);
    const span = this.recorder.answered(reply, begunAt);
    if (reply.kind === 'acknowledged' && isWrite) this.recorder.writes.push(span);
    if (reply.kind === 'refused' && reply.code !== refusal) {
      this.recorder.refusals.push(`${operation} ${label}: ${reply.code}`);
    }
    this.#trace(
      `${client.name} ${operation} ${label}: ${reply.kind === 'refused' ? reply.code : reply.kind}`,
    );
    return { reply, span };
  }

  async #send(client: Client, queue: QueueName): Promise<void> {
    const body = `message ${this.next()}`;
    const delay = randomBelow(client.random, 8) === 0 ? { DelaySeconds: 1 } : {};
    const input = { QueueUrl: queueUrl(queue), MessageBody: body, ...delay };
    const { reply } = await this.do(client, {
      service: 'sqs',
      operation: 'SendMessage',
      input,
      label: `${queue} ${body}`,
      isWrite: true,
    });
    this.recorder.queue(queue).sends.push({ body, outcome: reply.kind });
  }

  /** Receives a few, and deletes most of them. */
  async #receive(client: Client): Promise<void> {
    const countMax = 1 + randomBelow(client.random, 5);
    const WaitTimeSeconds = randomBelow(client.random, 4) === 0 ? 1 : 0;
    const messages = await this.receive(client, 'orders', { MaxNumberOfMessages: countMax, WaitTimeSeconds });
    for (const message of messages) {
      if (randomBelow(client.random, 10) < 7) await this.delete(client, 'orders', message);
    }
  }

  async receive(
    client: Client,
    queue: QueueName,
    options: { readonly MaxNumberOfMessages: number; readonly WaitTimeSeconds?: number },
  ): Promise<ReceivedMessage[]> {
    const { receives } = this.recorder.queue(historyOf(queue));
    const begunMs = this.now();
    const { reply, span } = await this.do(client, {
      service: 'sqs',
      operation: 'ReceiveMessage',
      input: { QueueUrl: queueUrl(queue), ...options },
      label: queue,
      isWrite: false,
    });
    if (reply.kind !== 'acknowledged') return [];
    const messages = (reply.output['Messages'] ?? []) as ReceivedMessage[];
    if (queue === 'dead') this.recorder.deadLetterCount += messages.length;
    for (const { MessageId: messageId, Body } of messages) {
      this.#trace(`${client.name} has ${messageId}`);
      const body = subjectOf(queue, Body);
      const hiddenUntilMs = begunMs + HIDDEN_SECONDS * 1000;
      receives.push({ ...span, body, messageId, hiddenUntilMs, shownAtMs: this.now() });
    }
    return messages;
  }

  async delete(client: Client, queue: QueueName, message: ReceivedMessage): Promise<void> {
    const { deletes } = this.recorder.queue(historyOf(queue));
    const { reply, span } = await this.do(client, {
      service: 'sqs',
      operation: 'DeleteMessage',
      input: { QueueUrl: queueUrl(queue), ReceiptHandle: message.ReceiptHandle },
      label: `${queue} ${message.MessageId}`,
      isWrite: true,
    });
    deletes.push({ ...span, messageId: message.MessageId, outcome: reply.kind });
  }

  async #putEvents(client: Client): Promise<void> {
    const request = this.next();
    const details = Array.from({ length: 1 + randomBelow(client.random, 3) }, () => this.#detail(client));
    const { reply } = await this.do(client, {
      service: 'events',
      operation: 'PutEvents',
      input: {
        Entries: details.map((detail) => ({
          EventBusName: 'shop',
          Source: 'shop',
          DetailType: 'Order',
          Detail: JSON.stringify(detail),
        })),
      },
      label: details.map(({ number }) => number).join(' '),
      isWrite: true,
    });
    for (const { number, size } of details) {
      this.recorder.events.push({ number, size, request, outcome: reply.kind });
    }
  }

  #detail({ random }: Client): { number: number; size: number; pause: number; loops: number } {
    const kind = randomBelow(random, 10);
    return {
      number: this.next(),
      size: randomBelow(random, 100),
      pause: kind < 3 ? 1 + randomBelow(random, 2) : 0,
      loops: kind === 3 ? LOOPS : 0,
    };
  }

  /** Starts an execution, or the same one again: a client that got no answer may ask again. */
  async #start(client: Client): Promise<void> {
    const started = [...this.recorder.starts.values()].at(-1);
    const again = started !== undefined && randomBelow(client.random, 3) === 0;
    const start = again ? started : this.#newStart(client);
    this.recorder.starts.set(start.name, start);
    const { reply } = await this.do(client, {
      service: 'states',
      operation: 'StartExecution',
      input: { stateMachineArn: MACHINE_ARN, name: start.name, input: start.input },
      label: start.name,
      isWrite: !again,
      refusal: 'ExecutionAlreadyExists',
    });
    const exists = reply.kind === 'acknowledged' || reply.kind === 'refused';
    if (exists) start.outcome = 'acknowledged';
    const expected = arn('states', `execution:flow:${start.name}`);
    if (reply.kind === 'acknowledged' && reply.output['executionArn'] !== expected) {
      this.recorder.refusals.push(`StartExecution ${start.name}: ${String(reply.output['executionArn'])}`);
    }
  }

  #newStart(client: Client): StartSeen {
    const detail = this.#detail(client);
    const { number } = detail;
    return { name: `run-${number}`, number, input: JSON.stringify({ detail }), outcome: 'unknown' };
  }

  async #putItem(client: Client): Promise<void> {
    const key = `${client.name}-${randomBelow(client.random, 3)}`;
    const { writes } = this.recorder.item(key);
    const version = (writes.at(-1)?.version ?? 0) + 1;
    const { reply } = await this.do(client, {
      service: 'dynamodb',
      operation: 'PutItem',
      input: { TableName: 'items', Item: { id: { S: key }, version: { N: String(version) } } },
      label: `${key} ${version}`,
      isWrite: true,
    });
    writes.push({ version, outcome: reply.kind });
  }

  /** Reads an item of any client, perhaps while it is being written. */
  async #getItem(client: Client): Promise<void> {
    const keys = [...this.recorder.items.keys()];
    const key = keys[randomBelow(client.random, keys.length + 1)] ?? `${client.name}-0`;
    const { reply } = await this.do(client, {
      service: 'dynamodb',
      operation: 'GetItem',
      input: { TableName: 'items', Key: { id: { S: key } }, ConsistentRead: true },
      label: key,
      isWrite: false,
    });
    if (reply.kind === 'acknowledged') this.recorder.item(key).seen.push(versionOf(reply.output));
  }
}

export interface ReceivedMessage {
  readonly MessageId: string;
  readonly Body: string;
  readonly ReceiptHandle: string;
}

/** The version in an answer of GetItem; 0 when there is no item. */
export function versionOf(output: Readonly<Record<string, unknown>>): number {
  const { Item } = output as { readonly Item?: { readonly version: { readonly N: string } } };
  return Number(Item?.version.N ?? 0);
}

/** A dead letter is the same message as before, in another place. */
function historyOf(queue: QueueName): QueueName {
  return queue === 'dead' ? 'orders' : queue;
}

/** What tells a message apart: its body, the number of its event, or the body that the pipe has passed on. */
function subjectOf(queue: QueueName, body: string): string {
  switch (queue) {
    case 'orders':
    case 'dead':
    case 'intake':
    case 'told':
      return body;
    case 'events':
    case 'large':
      return String((JSON.parse(body) as { detail: { number: number } }).detail.number);
    case 'outlet':
      return (JSON.parse(body) as { body: string }).body;
  }
}
