import type { UntagQueueRequest } from '../../../api/sqs.ts';
import type { Handler } from '../../service.ts';
import { missingParameter } from '../errors.ts';
import { requireQueue } from '../queue-url.ts';
import type { SqsDependencies } from '../service.ts';

export function untagQueue({ queues }: SqsDependencies): Handler<UntagQueueRequest, void> {
  return (input, call) => {
    const queue = requireQueue(queues, call, input.QueueUrl);
    if (input.TagKeys === undefined) throw missingParameter('TagKeys');
    const removed = new Set(input.TagKeys);
    const tags = Object.fromEntries(Object.entries(queue.record.tags).filter(([name]) => !removed.has(name)));
    call.turn((turn) => queues.update(turn, queue, { tags }));
  };
}
