import type { DeleteMessageRequest } from '../../../api/sqs.ts';
import { isCurrentHandle } from '../../../engine/queue/message.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import type { Turn } from '../../../engine/loop.ts';
import type { Handler } from '../../service.ts';
import { missingParameter, receiptHandleHasExpired, receiptHandleIsInvalid } from '../errors.ts';
import { requireQueue } from '../queue-url.ts';
import type { SqsDependencies } from '../service.ts';

export function deleteMessage({ queues }: SqsDependencies): Handler<DeleteMessageRequest, void> {
  return (input, call) => {
    const queue = requireQueue(queues, call, input.QueueUrl);
    call.turn((turn) => deleteByHandle(turn, queue, input.ReceiptHandle));
  };
}

/**
 * Deleting a message that is gone succeeds: at-least-once consumers may delete twice. From a FIFO queue only the
 * receiver that has it may delete it: another one may be at work on it, and what stands behind it has to wait for that
 * one.
 */
export function deleteByHandle(turn: Turn, queue: Queue, handle: string | undefined): void {
  if (!handle) throw missingParameter('ReceiptHandle');
  const message = queue.find(handle);
  if (message === undefined) throw receiptHandleIsInvalid(handle);
  if (message === null) return;
  if (queue.isFifo && !isCurrentHandle(queue.record, handle, message, turn.now))
    throw receiptHandleHasExpired(handle);
  queue.delete(turn, message);
}
