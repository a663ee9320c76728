import type { DeleteMessageRequest } from '../../../api/sqs.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import type { Turn } from '../../../engine/loop.ts';
import type { Handler } from '../../service.ts';
import { missingParameter, receiptHandleIsInvalid } from '../errors.ts';
import { requireQueue } from '../queue-url.ts';
import type { SqsDependencies } from '../service.ts';

export function deleteMessage({ queues }: SqsDependencies): Handler<DeleteMessageRequest, void> {
  return (input, call) => {
    const queue = requireQueue(queues, call, input.QueueUrl);
    call.turn((turn) => deleteByHandle(turn, queue, input.ReceiptHandle));
  };
}

/** Deleting a message that is gone succeeds: at-least-once consumers may delete twice. */
export function deleteByHandle(turn: Turn, queue: Queue, handle: string | undefined): void {
  if (!handle) throw missingParameter('ReceiptHandle');
  const message = queue.find(handle);
  if (message === undefined) throw receiptHandleIsInvalid(handle);
  if (message !== null) queue.delete(turn, message);
}
