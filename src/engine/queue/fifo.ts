/** What messages of FIFO queues have besides: group, deduplication id, sequence number. Pure, for whoever sends. */
import { hash } from 'node:crypto';
import { AwsError } from '../../base/errors.ts';
import type { QueueConfig } from './queue-record.ts';

/** Messages of a FIFO queue that are handed out and not deleted; a receive then finds nothing, as at AWS. */
export const FIFO_IN_FLIGHT_MAX = 20_000;

export interface FifoIds {
  readonly groupId: string;
  readonly deduplicationId: string;
}

export interface FifoParameters {
  readonly body: string;
  readonly groupId?: string | undefined;
  readonly deduplicationId?: string | undefined;
}

/** The ids of a message to a FIFO queue. Throws what SendMessage answers when one is missing or malformed. */
export function requireFifoIds(config: QueueConfig, { body, ...given }: FifoParameters): FifoIds {
  if (given.groupId === undefined) {
    throw new AwsError('MissingParameter', 'The request must contain the parameter MessageGroupId.');
  }
  requireId('MessageGroupId', given.groupId);
  if (given.deduplicationId !== undefined) {
    requireId('MessageDeduplicationId', given.deduplicationId);
    return { groupId: given.groupId, deduplicationId: given.deduplicationId };
  }
  if (config.fifo?.contentBasedDeduplication !== true) {
    throw new AwsError(
      'InvalidParameterValue',
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
  return { groupId: given.groupId, deduplicationId: hash('sha256', body) };
}

/** Letters, digits and the punctuation of ASCII: everything that is visible there. */
const ID = /^[!-~]{1,128}$/;

/** Throws what AWS answers to an id that is malformed. */
export function requireId(name: string, id: string): void {
  if (ID.test(id)) return;
  throw new AwsError(
    'InvalidParameterValue',
    `Value ${id} for parameter ${name} is invalid. Reason: ${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
  );
}

/** The twenty digits that the API shows of a sequence: they grow as it does, and compare as texts do. */
export function sequenceNumber(sequence: number): string {
  return `1${String(sequence).padStart(19, '0')}`;
}
