import type {
  ListDeadLetterSourceQueuesRequest,
  ListDeadLetterSourceQueuesResult,
} from '../../../api/sqs.ts';
import type { Handler } from '../../service.ts';
import { paginate } from '../paginate.ts';
import { queueUrl, requireQueue } from '../queue-url.ts';
import type { SqsDependencies } from '../service.ts';

export function listDeadLetterSourceQueues({
  queues,
}: SqsDependencies): Handler<ListDeadLetterSourceQueuesRequest, ListDeadLetterSourceQueuesResult> {
  return (input, call) => {
    const { arn } = requireQueue(queues, call, input.QueueUrl);
    const all = queues.deadLetterSources(arn).map(({ record }) => record.name);
    const { names, next } = paginate(all.toSorted(), input);
    return { queueUrls: names.map((name) => queueUrl(call, { ...call.scope, name })), ...next };
  };
}
