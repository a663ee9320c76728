import type { DeleteMessageBatchRequest, DeleteMessageBatchResult } from '../../../api/sqs.ts';
import type { Handler } from '../../service.ts';
import { applyBatch, requireBatch } from '../batch.ts';
import { requireQueue } from '../queue-url.ts';
import type { SqsDependencies } from '../service.ts';
import { deleteByHandle } from './delete-message.ts';

export function deleteMessageBatch({
  queues,
}: SqsDependencies): Handler<DeleteMessageBatchRequest, DeleteMessageBatchResult> {
  return (input, call) => {
    const queue = requireQueue(queues, call, input.QueueUrl);
    const entries = requireBatch(input.Entries, 'DeleteMessageBatchRequestEntry');
    return call.turn((turn) =>
      applyBatch(entries, ({ Id, ReceiptHandle }) => {
        deleteByHandle(turn, queue, ReceiptHandle);
        return { Id };
      }),
    );
  };
}
