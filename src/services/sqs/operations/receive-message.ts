/**
 * ReceiveMessage, the one operation of SQS that waits: a receiver that finds nothing parks at its queue until a message
 * comes, its time is over or its client has gone. The engine decides what can be received; this file may only ask.
 */
import type {
  Message as WireMessage,
  ReceiveMessageRequest,
  ReceiveMessageResult,
} from '../../../api/sqs.ts';
import { requireId, sequenceNumber } from '../../../engine/queue/fifo.ts';
import { type Message, type MessageHead, receiptHandle } from '../../../engine/queue/message.ts';
import type { ReceiveOptions } from '../../../engine/queue/exchange.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import type { Loop } from '../../../engine/loop.ts';
import type { Call, Handler } from '../../service.ts';
import { invalidParameter, notOfThisQueueType } from '../errors.ts';
import { RECEIVE_COUNT_MAX, RECEIVE_WAIT_SECONDS_MAX, VISIBILITY_TIMEOUT_SECONDS_MAX } from '../limits.ts';
import { attributesMd5, fromMessageAttribute } from '../message-attributes.ts';
import { requireQueue } from '../queue-url.ts';
import type { SqsDependencies } from '../service.ts';

export function receiveMessage({
  queues,
  loop,
}: SqsDependencies): Handler<ReceiveMessageRequest, ReceiveMessageResult> {
  return async (input, call) => {
    const queue = requireQueue(queues, call, input.QueueUrl);
    const {
      MaxNumberOfMessages: countMax = 1,
      WaitTimeSeconds: waitSeconds = queue.config.receiveWaitSeconds,
    } = input;
    requireBetween('MaxNumberOfMessages', countMax, 1, RECEIVE_COUNT_MAX);
    requireBetween('WaitTimeSeconds', waitSeconds, 0, RECEIVE_WAIT_SECONDS_MAX);
    const attemptId = requireAttemptId(queue, input.ReceiveRequestAttemptId);
    const options: ReceiveOptions = { countMax, attemptId, ...requireVisibility(input.VisibilityTimeout) };
    let messages = take(loop, queue, options);
    if (messages.length === 0 && waitSeconds > 0) {
      messages = await longPoll(loop, queue, { options, waitSeconds, signal: call.signal });
    }
    return toResult(queue, messages, input, call);
  };
}

function requireBetween(name: string, value: number, min: number, max: number): void {
  if (value < min || value > max) {
    throw invalidParameter(value, name, `Must be between ${min} and ${max}, if provided.`);
  }
}

function requireVisibility(timeoutSeconds: number | undefined): { visibilityTimeoutSeconds?: number } {
  if (timeoutSeconds === undefined) return {};
  requireBetween('VisibilityTimeout', timeoutSeconds, 0, VISIBILITY_TIMEOUT_SECONDS_MAX);
  return { visibilityTimeoutSeconds: timeoutSeconds };
}

function requireAttemptId(queue: Queue, attemptId: string | undefined): string | undefined {
  if (attemptId === undefined) return undefined;
  if (!queue.isFifo) throw notOfThisQueueType(attemptId, 'ReceiveRequestAttemptId');
  requireId('ReceiveRequestAttemptId', attemptId);
  return attemptId;
}

/** Not through `call.turn`: the visibility rides in the next commit, and the answer need not wait for it. */
function take(loop: Loop, queue: Queue, options: ReceiveOptions): Message[] {
  return loop.turn((turn) => queue.receive(turn, options));
}

interface LongPoll {
  readonly options: ReceiveOptions;
  readonly waitSeconds: number;
  readonly signal: AbortSignal;
}

/** Parks until a message is there, the wait is over, or the client or the region has gone; then nothing is taken. */
function longPoll(loop: Loop, queue: Queue, { options, waitSeconds, signal }: LongPoll): Promise<Message[]> {
  return new Promise((resolve) => {
    const finish = (messages: Message[]): void => {
      unsubscribe();
      timer.cancel();
      stopWaiting();
      signal.removeEventListener('abort', leave);
      resolve(messages);
    };
    const leave = (): void => finish([]);
    const unsubscribe = queue.subscribe(() => {
      const messages = take(loop, queue, options);
      if (messages.length > 0) finish(messages);
    });
    const timer = loop.timers.at(loop.clock.now() + waitSeconds * 1000, leave);
    const stopWaiting = loop.onClose(leave);
    signal.addEventListener('abort', leave);
    if (signal.aborted) leave();
  });
}

function toResult(
  queue: Queue,
  messages: Message[],
  input: ReceiveMessageRequest,
  call: Call,
): ReceiveMessageResult {
  // With nothing received, nothing was learnt that a crash could take back.
  call.readAt(0);
  if (messages.length === 0) return {};
  const systemNames = new Set<string>([
    ...(input.MessageSystemAttributeNames ?? []),
    ...(input.AttributeNames ?? []),
  ]);
  const isWanted = attributeFilter(input.MessageAttributeNames);
  return {
    Messages: messages.map((message) => {
      call.readAt(message.position);
      return toWireMessage(queue, message, { systemNames, isWanted });
    }),
  };
}

interface Wanted {
  readonly systemNames: ReadonlySet<string>;
  readonly isWanted: (name: string) => boolean;
}

function toWireMessage(queue: Queue, message: Message, { systemNames, isWanted }: Wanted): WireMessage {
  const { head, body } = queue.content(message);
  const attributes = systemNames.size > 0 ? systemAttributes(message, head, systemNames) : undefined;
  const wanted = Object.entries(head.attributes ?? {}).filter(([name]) => isWanted(name));
  return {
    MessageId: head.id,
    ReceiptHandle: receiptHandle(queue.record, message),
    MD5OfBody: head.bodyMd5,
    Body: body,
    ...(attributes === undefined ? {} : { Attributes: attributes }),
    ...(wanted.length === 0
      ? {}
      : {
          MD5OfMessageAttributes: attributesMd5(Object.fromEntries(wanted)),
          MessageAttributes: Object.fromEntries(
            wanted.map(([name, value]) => [name, fromMessageAttribute(value)]),
          ),
        }),
  };
}

/** The system attributes of a received message that were asked for, as texts. */
function systemAttributes(
  message: Message,
  head: MessageHead,
  names: ReadonlySet<string>,
): Record<string, string> {
  const all: Record<string, string | undefined> = {
    SenderId: head.senderId,
    SentTimestamp: String(head.sentAtMs),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAtMs ?? head.sentAtMs),
    AWSTraceHeader: head.systemAttributes?.['AWSTraceHeader']?.stringValue,
    DeadLetterQueueSourceArn: head.deadLetterSource,
    MessageGroupId: head.groupId,
    MessageDeduplicationId: head.deduplicationId,
    SequenceNumber: head.groupId === undefined ? undefined : sequenceNumber(message.sequence),
  };
  const wanted: Record<string, string> = {};
  for (const [name, value] of Object.entries(all)) {
    if (value !== undefined && (names.has('All') || names.has(name))) wanted[name] = value;
  }
  return wanted;
}

/** `All`, `.*`, exact names, and prefixes such as `bar.*`. */
function attributeFilter(names: readonly string[] | undefined): (name: string) => boolean {
  if (names === undefined || names.length === 0) return () => false;
  if (names.includes('All') || names.includes('.*')) return () => true;
  const prefixes = names.filter((name) => name.endsWith('.*')).map((name) => name.slice(0, -2));
  return (name) => names.includes(name) || prefixes.some((prefix) => name.startsWith(prefix));
}
