import type { GetQueueAttributesRequest, GetQueueAttributesResult } from '../../../api/sqs.ts';
import type { Handler } from '../../service.ts';
import { queueAttributes, requireAttributeName } from '../attributes.ts';
import { requireQueue } from '../queue-url.ts';
import type { SqsDependencies } from '../service.ts';

export function getQueueAttributes({
  queues,
  loop,
}: SqsDependencies): Handler<GetQueueAttributesRequest, GetQueueAttributesResult> {
  return (input, call) => {
    const queue = requireQueue(queues, call, input.QueueUrl);
    const names = new Set<string>(input.AttributeNames);
    for (const name of names) requireAttributeName(name);
    const attributes = Object.entries(queueAttributes(queue, loop.clock.now())).filter(
      ([name]) => names.has('All') || names.has(name),
    );
    return attributes.length > 0 ? { Attributes: Object.fromEntries(attributes) } : {};
  };
}
