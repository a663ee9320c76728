/**
 * The FIFO queues of a workload: clients that send to a few groups, send again what got no answer, receive and delete.
 *
 *     send, receive, delete      queue line.fifo
 *     send                       queue belt.fifo -> pipe -> queue belt-end.fifo, within the group that it came in
 *
 * Sends and receives are noted in the terms of `src/testing/checkers-fifo.ts`.
 */
import { type Random, randomBelow } from '../../src/base/random.ts';
import { checkFifoQueue, type FifoReceiveSeen, type FifoSendSeen } from '../../src/testing/checkers-fifo.ts';
import type { DeleteSeen, Finding } from '../../src/testing/checkers.ts';
import { queueArn, queueUrl, ROLE_ARN } from './names.ts';
import type { Client, ReceivedMessage, Workload } from './workload.ts';

export const FIFO_QUEUES = ['line.fifo', 'belt.fifo', 'belt-end.fifo'] as const;
export type FifoQueueName = (typeof FIFO_QUEUES)[number];

/** Few, so that clients meet in them. */
const GROUPS = ['a', 'b', 'c'] as const;

const HIDDEN_SECONDS = 2;

/** What is sent again is sent well within the five minutes in which it is known. */
const SEND_AGAIN_MS_MAX = 60_000;

interface SentLast {
  readonly queue: FifoQueueName;
  readonly body: string;
  readonly group: string;
  readonly sentAtMs: number;
}

interface FifoMessage extends ReceivedMessage {
  readonly Attributes: { readonly SequenceNumber: string };
}

export interface FifoSeen {
  readonly sends: FifoSendSeen[];
  readonly receives: FifoReceiveSeen[];
  readonly deletes: DeleteSeen[];
}

export class FifoLoad {
  readonly #workload: Workload;
  readonly #seen = new Map<FifoQueueName, FifoSeen>(
    FIFO_QUEUES.map((name) => [name, { sends: [], receives: [], deletes: [] }]),
  );
  /** What each client sent last: what it sends again. */
  readonly #last = new Map<string, SentLast>();

  constructor(workload: Workload) {
    this.#workload = workload;
  }

  async setUp(): Promise<void> {
    const Attributes = { FifoQueue: 'true', VisibilityTimeout: String(HIDDEN_SECONDS) };
    for (const QueueName of FIFO_QUEUES) {
      await this.#workload.must('sqs', 'CreateQueue', { QueueName, Attributes });
    }
    await this.#workload.must('pipes', 'CreatePipe', {
      Name: 'belt',
      RoleArn: ROLE_ARN,
      Source: queueArn('belt.fifo'),
      Target: queueArn('belt-end.fifo'),
      TargetParameters: {
        SqsQueueParameters: {
          MessageGroupId: '$.attributes.MessageGroupId',
          MessageDeduplicationId: '$.messageId',
        },
      },
    });
  }

  /** Has a client do one thing. */
  async step(client: Client): Promise<void> {
    const draw = randomBelow(client.random, 10);
    if (draw < 4) await this.#send(client, 'line.fifo');
    else if (draw < 6) await this.#send(client, 'belt.fifo');
    else await this.#receiveSome(client);
  }

  /** Takes out what can be taken. */
  async drain(client: Client): Promise<void> {
    for (const queue of ['line.fifo', 'belt-end.fifo'] as const) {
      for (;;) {
        const messages = await this.#receive(client, queue, 10);
        if (messages.length === 0) break;
        for (const message of messages) await this.#delete(client, queue, message);
      }
    }
  }

  /** What is wrong with the queues, once they are drained. */
  findings(): Finding[] {
    const { writes, crashes } = this.#workload.recorder;
    const line = this.#seenOf('line.fifo');
    // What the end of the belt tells of a message is its own; the sender was told of the beginning.
    const sent = this.#seenOf('belt.fifo').sends.map(({ body, group, outcome, begunAt, endedAt }) => {
      return { body, group, outcome, begunAt, endedAt };
    });
    return [
      ...checkFifoQueue({ ...line, writes, crashes }).map(within('line.fifo')),
      ...checkFifoQueue({ ...this.#seenOf('belt-end.fifo'), sends: sent, writes, crashes }).map(
        within('belt-end.fifo'),
      ),
    ];
  }

  get receivedCount(): number {
    return this.#seenOf('line.fifo').receives.length + this.#seenOf('belt-end.fifo').receives.length;
  }

  #seenOf(queue: FifoQueueName): FifoSeen {
    return this.#seen.get(queue) as FifoSeen;
  }

  /** Sends a message, or the last one again: always when it got no answer, and sometimes when it got one. */
  async #send(client: Client, queue: FifoQueueName): Promise<void> {
    const { body, group, sentAtMs, ...to } = this.#again(client) ?? this.#new(client.random, queue);
    this.#last.set(client.name, { queue: to.queue, body, group, sentAtMs });
    const { reply, span } = await this.#workload.do(client, {
      service: 'sqs',
      operation: 'SendMessage',
      input: {
        QueueUrl: queueUrl(to.queue),
        MessageBody: body,
        MessageGroupId: group,
        MessageDeduplicationId: body.replaceAll(' ', '-'),
      },
      label: `${to.queue} ${body} of ${group}`,
      isWrite: true,
    });
    const { MessageId: messageId, SequenceNumber: sequenceNumber } =
      reply.kind === 'acknowledged' ? (reply.output as unknown as SendAnswer) : {};
    const answer =
      messageId === undefined || sequenceNumber === undefined ? {} : { messageId, sequenceNumber };
    this.#seenOf(to.queue).sends.push({ body, group, outcome: reply.kind, ...span, ...answer });
  }

  #again(client: Client): SentLast | undefined {
    const last = this.#last.get(client.name);
    const { now } = this.#workload;
    if (last === undefined || now() - last.sentAtMs > SEND_AGAIN_MS_MAX) return undefined;
    const isAnswered = this.#seenOf(last.queue).sends.some(
      ({ body, outcome }) => body === last.body && outcome === 'acknowledged',
    );
    return !isAnswered || randomBelow(client.random, 8) === 0 ? last : undefined;
  }

  #new(random: Random, queue: FifoQueueName): SentLast {
    const group = GROUPS[randomBelow(random, GROUPS.length)] ?? 'a';
    return { queue, body: `line ${this.#workload.next()}`, group, sentAtMs: this.#workload.now() };
  }

  /** Receives a few, and deletes most of them, now and then from behind or while it receives the next. */
  async #receiveSome(client: Client): Promise<void> {
    const messages = await this.#receive(client, 'line.fifo', 1 + randomBelow(client.random, 4));
    const isInHurry = randomBelow(client.random, 2) === 0;
    if (randomBelow(client.random, 4) === 0) messages.reverse();
    const done = messages.filter(() => randomBelow(client.random, 10) < 9);
    if (!isInHurry || done.length === 0) return this.#deleteAll(client, done);
    const deleting = Promise.all(done.map((message) => this.#delete(client, 'line.fifo', message)));
    const next = await this.#receive(client, 'line.fifo', 1 + randomBelow(client.random, 4));
    await deleting;
    await this.#deleteAll(client, next);
  }

  async #deleteAll(client: Client, messages: readonly FifoMessage[]): Promise<void> {
    for (const message of messages) await this.#delete(client, 'line.fifo', message);
  }

  async #receive(client: Client, queue: FifoQueueName, countMax: number): Promise<FifoMessage[]> {
    const begunMs = this.#workload.now();
    const { reply, span } = await this.#workload.do(client, {
      service: 'sqs',
      operation: 'ReceiveMessage',
      input: {
        QueueUrl: queueUrl(queue),
        MaxNumberOfMessages: countMax,
        MessageSystemAttributeNames: ['SequenceNumber'],
      },
      label: queue,
      isWrite: false,
    });
    if (reply.kind !== 'acknowledged') return [];
    const messages = (reply.output['Messages'] ?? []) as FifoMessage[];
    for (const { MessageId: messageId, Body, Attributes } of messages) {
      this.#seenOf(queue).receives.push({
        ...span,
        body: queue === 'belt-end.fifo' ? (JSON.parse(Body) as { body: string }).body : Body,
        messageId,
        sequenceNumber: Attributes.SequenceNumber,
        // No two calls begin at once.
        receive: span.begunAt,
        hiddenUntilMs: begunMs + HIDDEN_SECONDS * 1000,
        shownAtMs: this.#workload.now(),
      });
    }
    return messages;
  }

  async #delete(client: Client, queue: FifoQueueName, message: ReceivedMessage): Promise<void> {
    const { reply, span } = await this.#workload.do(client, {
      service: 'sqs',
      operation: 'DeleteMessage',
      input: { QueueUrl: queueUrl(queue), ReceiptHandle: message.ReceiptHandle },
      label: `${queue} ${message.MessageId}`,
      isWrite: true,
      // It took so long that the message is back, perhaps with another client.
      refusal: 'InvalidParameterValue',
    });
    const { MessageId: messageId } = message;
    this.#seenOf(queue).deletes.push({ ...span, messageId, outcome: reply.kind });
  }
}

interface SendAnswer {
  readonly MessageId?: string;
  readonly SequenceNumber?: string;
}

function within(queue: FifoQueueName): (finding: Finding) => Finding {
  return (finding) => ({ ...finding, subject: `${queue}: ${finding.subject}` });
}
