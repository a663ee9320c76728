/** Queue attributes: the texts of the API on one side, the typed configuration of the engine on the other. */
import type { QueueAttributeName } from '../../api/sqs.ts';
import { type QueueConfig, queueArn } from '../../engine/queue/queue-record.ts';
import type { Queue } from '../../engine/queue/queue.ts';
import { requireAccessPolicy } from './access-policy.ts';
import { invalidAttributeName, invalidAttributeValue } from './errors.ts';
import { applyFifoAttribute, FIFO_ATTRIBUTES, fifoAttributes, requireFifo } from './fifo-attributes.ts';
import * as limits from './limits.ts';
import { parseRedrivePolicy, requireRedriveAllowPolicy } from './redrive.ts';

export type QueueAttributes = { readonly [Name in QueueAttributeName]?: string | undefined };

export const DEFAULT_CONFIG: QueueConfig = {
  visibilityTimeoutSeconds: limits.VISIBILITY_TIMEOUT_SECONDS_DEFAULT,
  delaySeconds: 0,
  messageSizeBytesMax: limits.MESSAGE_SIZE_BYTES_MAX,
  retentionSeconds: limits.RETENTION_SECONDS_DEFAULT,
  receiveWaitSeconds: 0,
  stored: { SqsManagedSseEnabled: 'true' },
};

type NumberField = Exclude<keyof QueueConfig, 'redrivePolicy' | 'fifo' | 'stored'>;

interface NumberAttribute {
  readonly field: NumberField;
  readonly min: number;
  readonly max: number;
}

const NUMBERS = new Map<string, NumberAttribute>([
  [
    'VisibilityTimeout',
    { field: 'visibilityTimeoutSeconds', min: 0, max: limits.VISIBILITY_TIMEOUT_SECONDS_MAX },
  ],
  ['DelaySeconds', { field: 'delaySeconds', min: 0, max: limits.DELAY_SECONDS_MAX }],
  [
    'MaximumMessageSize',
    { field: 'messageSizeBytesMax', min: limits.MESSAGE_SIZE_BYTES_MIN, max: limits.MESSAGE_SIZE_BYTES_MAX },
  ],
  [
    'MessageRetentionPeriod',
    { field: 'retentionSeconds', min: limits.RETENTION_SECONDS_MIN, max: limits.RETENTION_SECONDS_MAX },
  ],
  [
    'ReceiveMessageWaitTimeSeconds',
    { field: 'receiveWaitSeconds', min: 0, max: limits.RECEIVE_WAIT_SECONDS_MAX },
  ],
]);

const anyText = (): void => undefined;

/** Stored and described as they came, with what looks at their form. Policies and encryption steer nothing yet. */
const STORED: ReadonlyMap<string, (value: string) => void> = new Map([
  ['Policy', requireAccessPolicy],
  ['RedriveAllowPolicy', requireRedriveAllowPolicy],
  ['KmsMasterKeyId', anyText],
  ['KmsDataKeyReusePeriodSeconds', anyText],
  ['SqsManagedSseEnabled', anyText],
]);

/** Attributes of the API applied to a configuration; an empty value takes an optional attribute away. */
export function applyAttributes(config: QueueConfig, attributes: QueueAttributes): QueueConfig {
  let changed = config;
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) changed = applyAttribute(changed, name, value);
  }
  if (changed.fifo !== undefined) requireFifo(changed.fifo);
  return changed;
}

function applyAttribute(config: QueueConfig, name: string, value: string): QueueConfig {
  const number = NUMBERS.get(name);
  if (number !== undefined) return { ...config, [number.field]: parseNumber(name, value, number) };
  if (name === 'RedrivePolicy') {
    const { redrivePolicy: _, ...rest } = config;
    return value === '' ? rest : { ...rest, redrivePolicy: parseRedrivePolicy(value) };
  }
  const requireForm = STORED.get(name);
  if (requireForm !== undefined) {
    const { [name]: _, ...rest } = config.stored;
    if (value === '') return { ...config, stored: rest };
    requireForm(value);
    return { ...config, stored: { ...rest, [name]: value } };
  }
  // To a standard queue these attributes are unknown.
  if (config.fifo === undefined) throw invalidAttributeName(name);
  return { ...config, fifo: applyFifoAttribute(config.fifo, name, value) };
}

function parseNumber(name: string, value: string, { min, max }: NumberAttribute): number {
  if (!/^\d{1,9}$/.test(value)) throw invalidAttributeValue(name);
  const number = Number(value);
  if (number < min || number > max) throw invalidAttributeValue(name);
  return number;
}

/** The settable attributes of a configuration, as texts. */
export function configAttributes(config: QueueConfig): QueueAttributes {
  const { redrivePolicy, fifo } = config;
  return {
    VisibilityTimeout: String(config.visibilityTimeoutSeconds),
    DelaySeconds: String(config.delaySeconds),
    MaximumMessageSize: String(config.messageSizeBytesMax),
    MessageRetentionPeriod: String(config.retentionSeconds),
    ReceiveMessageWaitTimeSeconds: String(config.receiveWaitSeconds),
    ...(redrivePolicy === undefined ? {} : { RedrivePolicy: JSON.stringify(redrivePolicy) }),
    ...(fifo === undefined ? {} : fifoAttributes(fifo)),
    ...config.stored,
  };
}

/** Every attribute of a queue, as `GetQueueAttributes` with `All` answers. */
export function queueAttributes(queue: Queue, now: number): QueueAttributes {
  const { record } = queue;
  const counts = queue.counts(now);
  return {
    QueueArn: queueArn(record),
    ApproximateNumberOfMessages: String(counts.ready),
    ApproximateNumberOfMessagesNotVisible: String(counts.inFlight),
    ApproximateNumberOfMessagesDelayed: String(counts.delayed),
    CreatedTimestamp: String(Math.floor(record.createdAtMs / 1000)),
    LastModifiedTimestamp: String(Math.floor(record.modifiedAtMs / 1000)),
    ...configAttributes(record.config),
  };
}

const KNOWN: ReadonlySet<string> = new Set([
  'All',
  ...NUMBERS.keys(),
  ...STORED.keys(),
  ...FIFO_ATTRIBUTES,
  'RedrivePolicy',
  'QueueArn',
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
]);

export function requireAttributeName(name: string): void {
  if (!KNOWN.has(name)) throw invalidAttributeName(name);
}
