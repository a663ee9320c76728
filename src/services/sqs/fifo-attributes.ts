/** The attributes that only FIFO queues have. */
import type { FifoConfig } from '../../engine/queue/queue-record.ts';
import { invalidAttributeName, invalidAttributeValue, unfitAttributeValue } from './errors.ts';

export const FIFO_ATTRIBUTES: readonly string[] = [
  'FifoQueue',
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'FifoThroughputLimit',
];

export const DEFAULT_FIFO_CONFIG: FifoConfig = {
  contentBasedDeduplication: false,
  deduplicationScope: 'queue',
  throughputLimit: 'perQueue',
};

/** Throws for a value that the attribute does not take, and for an attribute that no queue has. */
export function applyFifoAttribute(fifo: FifoConfig, name: string, value: string): FifoConfig {
  switch (name) {
    case 'FifoQueue':
      if (value === 'true') return fifo;
      throw unfitAttributeValue(name, 'Modifying queue type is not supported.');
    case 'ContentBasedDeduplication':
      if (value !== 'true' && value !== 'false') throw invalidAttributeValue(name);
      return { ...fifo, contentBasedDeduplication: value === 'true' };
    case 'DeduplicationScope':
      if (value !== 'queue' && value !== 'messageGroup') throw invalidAttributeValue(name);
      return { ...fifo, deduplicationScope: value };
    case 'FifoThroughputLimit':
      if (value !== 'perQueue' && value !== 'perMessageGroupId') throw invalidAttributeValue(name);
      return { ...fifo, throughputLimit: value };
    default:
      throw invalidAttributeName(name);
  }
}

/** What the attributes have to be to each other, whichever of them was set. */
export function requireFifo({ throughputLimit, deduplicationScope }: FifoConfig): void {
  if (throughputLimit === 'perMessageGroupId' && deduplicationScope !== 'messageGroup') {
    throw unfitAttributeValue(
      'FifoThroughputLimit',
      'The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup.',
    );
  }
}

export function fifoAttributes(fifo: FifoConfig): Record<string, string> {
  return {
    FifoQueue: 'true',
    ContentBasedDeduplication: String(fifo.contentBasedDeduplication),
    DeduplicationScope: fifo.deduplicationScope,
    FifoThroughputLimit: fifo.throughputLimit,
  };
}
