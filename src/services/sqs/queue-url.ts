/** Queue URLs: they echo the host that the caller used, because SDKs send to the host of the URL that they got. */
import type { Scope } from '../../base/arn.ts';
import type { Queue } from '../../engine/queue/queue.ts';
import type { Queues } from '../../engine/queue/queues.ts';
import type { Call } from '../service.ts';
import { missingParameter, queueDoesNotExist } from './errors.ts';

export function queueUrl(call: Call, queue: Scope & { readonly name: string }): string {
  return `${call.scheme}://${call.host}/${queue.account}/${queue.name}`;
}

/** The queue that a URL (or a bare name) names: account and name are its last two segments. */
export function requireQueue(queues: Queues, call: Call, url: string | undefined): Queue {
  if (!url) throw missingParameter('QueueUrl');
  const segments = url.split('/');
  const name = segments.at(-1) ?? '';
  const owner = segments.at(-2) ?? '';
  const account = /^\d{12}$/.test(owner) ? owner : call.scope.account;
  const queue = queues.get({ account, region: call.scope.region }, name);
  if (queue === undefined) throw queueDoesNotExist();
  return queue;
}
