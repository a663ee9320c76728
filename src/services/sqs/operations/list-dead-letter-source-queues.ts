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
    const { arn, record } = requireQueue(queues, call, input.QueueUrl);
    // A queue may only name one of its own account, which need not be the caller's.
    const { account, region } = record;
    const all = queues.deadLetterSources(arn).map((source) => source.record.name);
    const { names, next } = paginate(all.toSorted(), input);
    return { queueUrls: names.map((name) => queueUrl(call, { account, region, name })), ...next };
  };
}
