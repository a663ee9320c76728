import type { ChangeMessageVisibilityRequest } from '../../../api/sqs.ts';
import { isCurrentHandle } from '../../../engine/queue/message.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import type { Turn } from '../../../engine/loop.ts';
import type { Handler } from '../../service.ts';
import { invalidParameter, missingParameter, receiptHandleIsInvalid } from '../errors.ts';
import { VISIBILITY_TIMEOUT_SECONDS_MAX } from '../limits.ts';
import { requireQueue } from '../queue-url.ts';
import type { SqsDependencies } from '../service.ts';

export function changeMessageVisibility({
  queues,
}: SqsDependencies): Handler<ChangeMessageVisibilityRequest, void> {
  return (input, call) => {
    const queue = requireQueue(queues, call, input.QueueUrl);
    call.turn((turn) => changeByHandle(turn, queue, input));
  };
}

export interface VisibilityChange {
  readonly ReceiptHandle: string | undefined;
  readonly VisibilityTimeout?: number | undefined;
}

export function changeByHandle(turn: Turn, queue: Queue, change: VisibilityChange): void {
  const { ReceiptHandle: handle, VisibilityTimeout: timeoutSeconds } = change;
  if (!handle) throw missingParameter('ReceiptHandle');
  if (timeoutSeconds === undefined) throw missingParameter('VisibilityTimeout');
  if (timeoutSeconds < 0 || timeoutSeconds > VISIBILITY_TIMEOUT_SECONDS_MAX) {
    throw invalidParameter(timeoutSeconds, 'VisibilityTimeout', 'Must be between 0 and 43200, if provided.');
  }
  const message = queue.find(handle);
  if (message === undefined) throw receiptHandleIsInvalid(handle);
  const isHidden = message?.state === 'in-flight' && message.visibleAtMs > turn.now;
  if (!isHidden || (queue.isFifo && !isCurrentHandle(queue.record, handle, message, turn.now))) {
    throw invalidParameter(
      handle,
      'ReceiptHandle',
      'Message does not exist or is not available for visibility timeout change.',
    );
  }
  queue.changeVisibility(turn, message, timeoutSeconds);
}
