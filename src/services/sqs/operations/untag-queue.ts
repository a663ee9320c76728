import type { UntagQueueRequest } from '../../../api/sqs.ts';
import type { Handler } from '../../service.ts';
import { missingParameter } from '../errors.ts';
import { requireQueue } from '../queue-url.ts';
import type { SqsDependencies } from '../service.ts';
import { withoutTags } from '../../tags.ts';

export function untagQueue({ queues }: SqsDependencies): Handler<UntagQueueRequest, void> {
  return (input, call) => {
    const queue = requireQueue(queues, call, input.QueueUrl);
    if (input.TagKeys === undefined) throw missingParameter('TagKeys');
    const tags = withoutTags(queue.record.tags, input.TagKeys);
    call.turn((turn) => queues.update(turn, queue, { tags }));
  };
}
