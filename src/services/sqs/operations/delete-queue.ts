import type { DeleteQueueRequest } from '../../../api/sqs.ts';
import type { Handler } from '../../service.ts';
import { requireQueue } from '../queue-url.ts';
import type { SqsDependencies } from '../service.ts';

export function deleteQueue({ queues }: SqsDependencies): Handler<DeleteQueueRequest, void> {
  return (input, call) => {
    const queue = requireQueue(queues, call, input.QueueUrl);
    call.turn((turn) => queues.delete(turn, queue));
  };
}
