import type { CreateQueueRequest, CreateQueueResult } from '../../../api/sqs.ts';
import type { Queue } from '../../../engine/queue/queue.ts';
import type { Handler } from '../../service.ts';
import { applyAttributes, configAttributes, DEFAULT_CONFIG, type QueueAttributes } from '../attributes.ts';
import { DEFAULT_FIFO_CONFIG } from '../fifo-attributes.ts';
import { invalidParameterValue, missingParameter, queueNameExists } from '../errors.ts';
import { queueUrl } from '../queue-url.ts';
import type { SqsDependencies } from '../service.ts';
import { requireDeadLetterQueue } from '../redrive.ts';
import { requireTagCount } from '../tags.ts';

/**
 * Creating a queue that exists with the same values answers its URL. Unlike AWS, a name can be used again at once
 * after a deletion, not only 60 seconds later: nothing here is eventually consistent.
 */
export function createQueue({ queues }: SqsDependencies): Handler<CreateQueueRequest, CreateQueueResult> {
  return (input, call) => {
    call.admit();
    const { QueueName: name, Attributes: attributes = {}, tags = {} } = input;
    const isFifo = attributes.FifoQueue === 'true';
    requireName(name, isFifo);
    const existing = queues.get(call.scope, name);
    if (existing !== undefined) {
      requireSameAttributes(existing, attributes);
      return { QueueUrl: queueUrl(call, existing.record) };
    }
    const base = isFifo ? { ...DEFAULT_CONFIG, fifo: DEFAULT_FIFO_CONFIG } : DEFAULT_CONFIG;
    const config = applyAttributes(base, attributes);
    requireDeadLetterQueue(queues, { ...call.scope, name, isFifo }, attributes.RedrivePolicy);
    requireTagCount(name, tags);
    const created = { ...call.scope, name, config, tags };
    const queue = call.turn((turn) => queues.create(turn, created));
    return { QueueUrl: queueUrl(call, queue.record) };
  };
}

function requireName(name: string | undefined, isFifo: boolean): asserts name is string {
  if (!name) throw missingParameter('QueueName');
  if (isFifo && !/^[A-Za-z0-9_-]{1,75}\.fifo$/.test(name)) {
    throw invalidParameterValue(
      'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.',
    );
  }
  if (!isFifo && !/^[A-Za-z0-9_-]{1,80}$/.test(name)) {
    throw invalidParameterValue(
      'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
    );
  }
}

function requireSameAttributes(queue: Queue, attributes: QueueAttributes): void {
  const before = configAttributes(queue.config);
  const after = configAttributes(applyAttributes(queue.config, attributes));
  for (const name of Object.keys(attributes) as (keyof QueueAttributes)[]) {
    if (before[name] !== after[name]) throw queueNameExists(name);
  }
}
