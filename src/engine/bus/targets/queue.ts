/** A queue as a target: the payload becomes the body of a message, in the commit of the event. */
import { hash } from 'node:crypto';
import type { Target } from '../../../api/events.ts';
import { notImplementedError } from '../../../base/errors.ts';
import type { Turn } from '../../loop.ts';
import { type FifoIds, requireFifoIds } from '../../queue/fifo.ts';
import type { Queue } from '../../queue/queue.ts';
import {
  type Delivery,
  type Failure,
  isOfRegion,
  type Outcome,
  permanentFailure,
  type TargetKind,
  toFailure,
  validationError,
} from './target.ts';

/** Who SQS says has sent a message that came from a rule. */
export const SENDER_ID = 'events.amazonaws.com';

/** What is needed of the queues. */
export interface QueueLookup {
  find(arn: string): Queue | undefined;
}

export class QueueTarget implements TargetKind {
  readonly #queues: QueueLookup;

  constructor(queues: QueueLookup) {
    this.#queues = queues;
  }

  check(target: Target): void {
    const isFifo = target.Arn.endsWith('.fifo');
    const groupId = target.SqsParameters?.MessageGroupId;
    if (isFifo && groupId === undefined) {
      throw validationError(`Parameter(s) SqsParameters must be specified for target: ${target.Id}.`);
    }
    if (!isFifo && groupId !== undefined) throw notImplementedError('SqsParameters for a standard queue');
  }

  deliver(turn: Turn, delivery: Delivery): Outcome {
    const { target, payload, cause, scope } = delivery;
    const queue = isOfRegion(target.Arn, scope) ? this.#queues.find(target.Arn) : undefined;
    if (queue === undefined) {
      return permanentFailure('NO_RESOURCE', `The specified queue does not exist: ${target.Arn}`);
    }
    if (payload === '') return permanentFailure('INVALID_PARAMETER', 'The message is empty.');
    const { messageSizeBytesMax } = queue.config;
    if (isLongerThan(payload, messageSizeBytesMax)) {
      return permanentFailure(
        'INVALID_PARAMETER',
        `The message is longer than ${messageSizeBytesMax} bytes.`,
      );
    }
    const ids = queue.isFifo ? fifoIds(queue, delivery) : undefined;
    if (ids !== undefined && 'kind' in ids) return ids;
    const { id } = queue.sendOnce(turn, {
      body: payload,
      senderId: SENDER_ID,
      bodyMd5: hash('md5', payload),
      cause,
      ...ids,
    });
    return { kind: 'delivered', effect: { kind: 'message', id } };
  }
}

/** Rules give no deduplication id: the queue has to make one of the content. */
function fifoIds(queue: Queue, { target, payload }: Delivery): FifoIds | Failure {
  try {
    return requireFifoIds(queue.config, { body: payload, groupId: target.SqsParameters?.MessageGroupId });
  } catch (error) {
    return toFailure(error);
  }
}

/** Bytes are counted only where the number of characters leaves it open. */
export function isLongerThan(text: string, sizeBytesMax: number): boolean {
  if (text.length * 3 <= sizeBytesMax) return false;
  return Buffer.byteLength(text) > sizeBytesMax;
}
