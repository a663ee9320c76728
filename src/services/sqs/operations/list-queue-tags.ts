import type { ListQueueTagsRequest, ListQueueTagsResult } from '../../../api/sqs.ts';
import type { Handler } from '../../service.ts';
import { requireQueue } from '../queue-url.ts';
import type { SqsDependencies } from '../service.ts';

export function listQueueTags({
  queues,
}: SqsDependencies): Handler<ListQueueTagsRequest, ListQueueTagsResult> {
  return (input, call) => {
    const { tags } = requireQueue(queues, call, input.QueueUrl).record;
    return Object.keys(tags).length > 0 ? { Tags: tags } : {};
  };
}
