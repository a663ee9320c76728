/**
 * A queue's message as a pipe passes it on: the record that Lambda's event source mappings use, body as text.
 * Filters and templates see the body parsed when it is JSON, so each record has two texts that differ in that.
 */
import { parseJson } from '../../base/json.ts';
import { sequenceNumber } from '../queue/fifo.ts';
import type { Message, MessageHead } from '../queue/message.ts';
import { receiptHandle } from '../queue/message.ts';
import type { Queue } from '../queue/queue.ts';

export interface SourceRecord {
  readonly message: Message;
  /** JSON text; `body` is a string, exactly what was sent. */
  readonly text: string;
  /** JSON text; `body` is the JSON that was sent, where it was JSON. */
  readonly decodedText: string;
}

export function toSourceRecord(queue: Queue, message: Message): SourceRecord {
  const { head: messageHead, body } = queue.content(message);
  const head = JSON.stringify(recordHead(queue, message, messageHead)).slice(0, -1);
  const text = `${head},"body":${JSON.stringify(body)}}`;
  return { message, text, decodedText: isJson(body) ? `${head},"body":${body}}` : text };
}

function isJson(body: string): boolean {
  try {
    parseJson(body);
    return true;
  } catch {
    // Not JSON, or too deep to be looked into: it stays text.
    return false;
  }
}

function recordHead(queue: Queue, message: Message, head: MessageHead): object {
  const traceHeader = head.systemAttributes?.['AWSTraceHeader']?.stringValue;
  return {
    messageId: head.id,
    receiptHandle: receiptHandle(queue.record, message),
    attributes: {
      ApproximateReceiveCount: String(message.receiveCount),
      SentTimestamp: String(head.sentAtMs),
      SenderId: head.senderId,
      ApproximateFirstReceiveTimestamp: String(message.firstReceivedAtMs ?? head.sentAtMs),
      ...fifoAttributes(message, head),
      ...(traceHeader === undefined ? {} : { AWSTraceHeader: traceHeader }),
    },
    messageAttributes: Object.fromEntries(
      Object.entries(head.attributes ?? {}).map(([name, attribute]) => [
        name,
        {
          ...(attribute.stringValue === undefined ? {} : { stringValue: attribute.stringValue }),
          ...(attribute.binaryValue === undefined ? {} : { binaryValue: attribute.binaryValue }),
          stringListValues: [],
          binaryListValues: [],
          dataType: attribute.dataType,
        },
      ]),
    ),
    md5OfBody: head.bodyMd5,
    eventSource: 'aws:sqs',
    eventSourceARN: queue.arn,
    awsRegion: queue.record.region,
  };
}

function fifoAttributes({ sequence }: Message, head: MessageHead): object {
  if (head.groupId === undefined) return {};
  return {
    SequenceNumber: sequenceNumber(sequence),
    MessageGroupId: head.groupId,
    MessageDeduplicationId: head.deduplicationId,
  };
}
