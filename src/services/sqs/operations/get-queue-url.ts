import type { GetQueueUrlRequest, GetQueueUrlResult } from '../../../api/sqs.ts';
import type { Handler } from '../../service.ts';
import { missingParameter, queueDoesNotExist } from '../errors.ts';
import { queueUrl } from '../queue-url.ts';
import type { SqsDependencies } from '../service.ts';

export function getQueueUrl({ queues }: SqsDependencies): Handler<GetQueueUrlRequest, GetQueueUrlResult> {
  return (input, call) => {
    if (!input.QueueName) throw missingParameter('QueueName');
    const account = input.QueueOwnerAWSAccountId ?? call.scope.account;
    const queue = queues.get({ account, region: call.scope.region }, input.QueueName);
    if (queue === undefined) throw queueDoesNotExist();
    return { QueueUrl: queueUrl(call, queue.record) };
  };
}
