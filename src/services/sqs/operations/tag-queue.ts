import type { TagQueueRequest } from '../../../api/sqs.ts';
import type { Handler } from '../../service.ts';
import { missingParameter } from '../errors.ts';
import { requireQueue } from '../queue-url.ts';
import type { SqsDependencies } from '../service.ts';
import { requireTagCount } from '../tags.ts';

export function tagQueue({ queues }: SqsDependencies): Handler<TagQueueRequest, void> {
  return (input, call) => {
    call.admit();
    const queue = requireQueue(queues, call, input.QueueUrl);
    if (input.Tags === undefined) throw missingParameter('Tags');
    const tags = { ...queue.record.tags, ...input.Tags };
    requireTagCount(queue.record.name, tags);
    call.turn((turn) => queues.update(turn, queue, { tags }));
  };
}
