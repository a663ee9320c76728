/** Tags of queues. */
import { invalidParameterValue } from './errors.ts';
import { QUEUE_TAGS_MAX } from './limits.ts';

export function requireTagCount(queueName: string, tags: Readonly<Record<string, string>>): void {
  if (Object.keys(tags).length > QUEUE_TAGS_MAX) {
    throw invalidParameterValue(`Too many tags added for queue ${queueName}.`);
  }
}
