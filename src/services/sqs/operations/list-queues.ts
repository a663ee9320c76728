import type { ListQueuesRequest, ListQueuesResult } from '../../../api/sqs.ts';
import type { Handler } from '../../service.ts';
import { paginate } from '../paginate.ts';
import { queueUrl } from '../queue-url.ts';
import type { SqsDependencies } from '../service.ts';

export function listQueues({ queues }: SqsDependencies): Handler<ListQueuesRequest, ListQueuesResult> {
  return (input, call) => {
    const all = queues.list(call.scope, input.QueueNamePrefix).map(({ record }) => record.name);
    const { names, next } = paginate(all, input);
    const urls = names.map((name) => queueUrl(call, { ...call.scope, name }));
    return { ...(urls.length > 0 ? { QueueUrls: urls } : {}), ...next };
  };
}
