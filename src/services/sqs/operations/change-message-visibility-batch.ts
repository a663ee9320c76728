import type {
  ChangeMessageVisibilityBatchRequest,
  ChangeMessageVisibilityBatchResult,
} from '../../../api/sqs.ts';
import type { Handler } from '../../service.ts';
import { applyBatch, requireBatch } from '../batch.ts';
import { requireQueue } from '../queue-url.ts';
import type { SqsDependencies } from '../service.ts';
import { changeByHandle } from './change-message-visibility.ts';

export function changeMessageVisibilityBatch({
  queues,
}: SqsDependencies): Handler<ChangeMessageVisibilityBatchRequest, ChangeMessageVisibilityBatchResult> {
  return (input, call) => {
    const queue = requireQueue(queues, call, input.QueueUrl);
    const entries = requireBatch(input.Entries, 'ChangeMessageVisibilityBatchRequestEntry');
    return call.turn((turn) =>
      applyBatch(entries, (entry) => {
        changeByHandle(turn, queue, entry);
        return { Id: entry.Id };
      }),
    );
  };
}
