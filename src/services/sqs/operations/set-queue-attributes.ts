import type { SetQueueAttributesRequest } from '../../../api/sqs.ts';
import type { Handler } from '../../service.ts';
import { applyAttributes } from '../attributes.ts';
import { missingParameter } from '../errors.ts';
import { requireQueue } from '../queue-url.ts';
import { requireDeadLetterQueue } from '../redrive.ts';
import type { SqsDependencies } from '../service.ts';

export function setQueueAttributes({ queues }: SqsDependencies): Handler<SetQueueAttributesRequest, void> {
  return (input, call) => {
    call.admit();
    const queue = requireQueue(queues, call, input.QueueUrl);
    if (input.Attributes === undefined) throw missingParameter('Attributes');
    const config = applyAttributes(queue.config, input.Attributes);
    const source = { ...queue.record, isFifo: queue.isFifo };
    requireDeadLetterQueue(queues, source, input.Attributes.RedrivePolicy);
    call.turn((turn) => queues.update(turn, queue, { config }));
  };
}
