import type { PurgeQueueRequest } from '../../../api/sqs.ts';
import type { Handler } from '../../service.ts';
import { requireQueue } from '../queue-url.ts';
import type { SqsDependencies } from '../service.ts';

/** Unlike AWS, a queue may be purged again within 60 seconds: the purge is complete when it is answered. */
export function purgeQueue({ queues }: SqsDependencies): Handler<PurgeQueueRequest, void> {
  return (input, call) => {
    const queue = requireQueue(queues, call, input.QueueUrl);
    call.turn((turn) => queue.purge(turn));
  };
}
