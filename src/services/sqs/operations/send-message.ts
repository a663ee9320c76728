/**
 * SendMessage, and what one entry of SendMessageBatch has in common with it: what a message may hold, and what its
 * sender is told. Everything is checked before the turn: a refused message has changed nothing.
 */
import { hash } from 'node:crypto';
import type { SendMessageRequest, SendMessageResult } from '../../../api/sqs.ts';
import { notImplementedError } from '../../../base/errors.ts';
import type { OutgoingMessage, Sent } from '../../../engine/queue/exchange.ts';
import { type FifoIds, requireFifoIds } from '../../../engine/queue/fifo.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import type { Call, Handler } from '../../service.ts';
import * as errors from '../errors.ts';
import { DELAY_SECONDS_MAX } from '../limits.ts';
import {
  attributesMd5,
  attributesSizeBytes,
  toMessageAttributes,
  toSystemAttributes,
} from '../message-attributes.ts';
import { requireQueue } from '../queue-url.ts';
import type { SqsDependencies } from '../service.ts';

export function sendMessage({ queues }: SqsDependencies): Handler<SendMessageRequest, SendMessageResult> {
  return (input, call) => {
    call.admit();
    const queue = requireQueue(queues, call, input.QueueUrl);
    const outgoing = toOutgoingMessage(queue, input, call);
    return sentResult(
      outgoing,
      call.turn((turn) => queue.sendOnce(turn, outgoing)),
    );
  };
}

/** What one entry of a batch and a lone message have in common. */
export type MessageToSend = Omit<SendMessageRequest, 'QueueUrl'>;

/** Checks a message against its queue; throws before anything is changed. */
export function toOutgoingMessage(queue: Queue, input: MessageToSend, call: Call): OutgoingMessage {
  const { MessageBody: body } = input;
  if (body === undefined) throw errors.missingParameter('MessageBody');
  if (body === '')
    throw errors.invalidParameterValue(
      'One or more parameters cannot be validated. Reason: Message must be at least one character.',
    );
  const fifo = queue.isFifo ? requireFifoParameters(queue, body, input) : requireStandardParameters(input);
  const attributes = toMessageAttributes(input.MessageAttributes);
  const systemAttributes = toSystemAttributes(input.MessageSystemAttributes);
  requireContents(queue, body, attributesSizeBytes(input.MessageAttributes));
  return {
    body,
    senderId: call.accessKeyId ?? call.scope.account,
    bodyMd5: hash('md5', body),
    ...fifo,
    ...(attributes === undefined ? {} : { attributes, attributesMd5: attributesMd5(attributes) }),
    ...(systemAttributes === undefined
      ? {}
      : { systemAttributes, systemAttributesMd5: attributesMd5(systemAttributes) }),
  };
}

function requireStandardParameters(input: MessageToSend): { delaySeconds?: number } {
  const { DelaySeconds: delaySeconds, MessageDeduplicationId: deduplicationId } = input;
  if (deduplicationId !== undefined) {
    throw errors.invalidParameter(
      deduplicationId,
      'MessageDeduplicationId',
      'The request includes a parameter that is not valid for this queue type.',
    );
  }
  if (input.MessageGroupId !== undefined)
    throw notImplementedError('The parameter MessageGroupId on standard queues');
  requireDelay(delaySeconds);
  return delaySeconds === undefined ? {} : { delaySeconds };
}

/** The delay of a FIFO queue is one for all: a message with its own would overtake or hold up its group. */
function requireFifoParameters(queue: Queue, body: string, input: MessageToSend): FifoIds {
  if (input.DelaySeconds) throw errors.notOfThisQueueType(input.DelaySeconds, 'DelaySeconds');
  const { MessageGroupId: groupId, MessageDeduplicationId: deduplicationId } = input;
  return requireFifoIds(queue.config, { body, groupId, deduplicationId });
}

function requireDelay(delaySeconds: number | undefined): void {
  if (delaySeconds === undefined) return;
  if (delaySeconds < 0 || delaySeconds > DELAY_SECONDS_MAX) {
    throw errors.invalidParameter(delaySeconds, 'DelaySeconds', 'DelaySeconds must be >= 0 and <= 900.');
  }
}

/** XML 1.0 has no place for these, so SQS takes them in neither protocol. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

function requireContents(queue: Queue, body: string, attributesBytes: number): void {
  if (FORBIDDEN.test(body)) throw errors.invalidMessageContents();
  const { messageSizeBytesMax } = queue.config;
  if (Buffer.byteLength(body) + attributesBytes > messageSizeBytesMax) {
    throw errors.invalidParameterValue(
      `One or more parameters are invalid. Reason: Message must be shorter than ${messageSizeBytesMax} bytes.`,
    );
  }
}

/** The digests are of what was sent now, which a repeated message need not have in common with the first. */
export function sentResult(
  outgoing: OutgoingMessage,
  sent: Sent,
): SendMessageResult & { readonly MessageId: string } {
  return {
    MessageId: sent.id,
    MD5OfMessageBody: outgoing.bodyMd5,
    ...(outgoing.attributesMd5 === undefined ? {} : { MD5OfMessageAttributes: outgoing.attributesMd5 }),
    ...(outgoing.systemAttributesMd5 === undefined
      ? {}
      : { MD5OfMessageSystemAttributes: outgoing.systemAttributesMd5 }),
    ...(sent.sequenceNumber === undefined ? {} : { SequenceNumber: sent.sequenceNumber }),
  };
}
