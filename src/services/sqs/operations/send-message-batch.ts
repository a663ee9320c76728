import type { SendMessageBatchRequest, SendMessageBatchResult } from '../../../api/sqs.ts';
import type { Handler } from '../../service.ts';
import { applyBatch, requireBatch } from '../batch.ts';
import { batchRequestTooLong } from '../errors.ts';
import { MESSAGE_SIZE_BYTES_MAX } from '../limits.ts';
import { requireQueue } from '../queue-url.ts';
import type { SqsDependencies } from '../service.ts';
import { attributesSizeBytes } from '../message-attributes.ts';
import { type MessageToSend, sentResult, toOutgoingMessage } from './send-message.ts';

export function sendMessageBatch({
  queues,
}: SqsDependencies): Handler<SendMessageBatchRequest, SendMessageBatchResult> {
  return (input, call) => {
    call.admit();
    const queue = requireQueue(queues, call, input.QueueUrl);
    const entries = requireBatch(input.Entries, 'SendMessageBatchRequestEntry');
    const sizeBytes = entries.reduce((sum, entry) => sum + entrySizeBytes(entry), 0);
    if (sizeBytes > MESSAGE_SIZE_BYTES_MAX) throw batchRequestTooLong(sizeBytes, MESSAGE_SIZE_BYTES_MAX);
    return call.turn((turn) =>
      applyBatch(entries, (entry) => {
        const outgoing = toOutgoingMessage(queue, entry, call);
        const { MD5OfMessageBody = '', ...sent } = sentResult(outgoing, queue.sendOnce(turn, outgoing));
        return { Id: entry.Id, MD5OfMessageBody, ...sent };
      }),
    );
  };
}

function entrySizeBytes({ MessageBody: body, MessageAttributes: attributes }: MessageToSend): number {
  return Buffer.byteLength(body ?? '') + attributesSizeBytes(attributes);
}
