import type { TagQueueRequest } from '../../../api/sqs.ts';
import type { Handler } from '../../service.ts';
import { invalidParameterValue, missingParameter } from '../errors.ts';
import { QUEUE_TAGS_MAX } from '../limits.ts';
import { requireQueue } from '../queue-url.ts';
import type { SqsDependencies } from '../service.ts';

export function tagQueue({ queues }: SqsDependencies): Handler<TagQueueRequest, void> {
  return (input, call) => {
    const queue = requireQueue(queues, call, input.QueueUrl);
    if (input.Tags === undefined) throw missingParameter('Tags');
    const tags = { ...queue.record.tags, ...input.Tags };
    if (Object.keys(tags).length > QUEUE_TAGS_MAX) {
      throw invalidParameterValue(`Too many tags added for queue ${queue.record.name}.`);
    }
    call.turn((turn) => queues.update(turn, queue, { tags }));
  };
}
