/** The stored configuration of a queue. Attribute values that nothing here acts on are kept as the API gave them. */
import { formatArn, type Scope } from '../../base/arn.ts';
import { key } from '../../storage/keys.ts';
import type { Key } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

/** What makes a queue a FIFO queue, which it is from its creation on. */
export interface FifoConfig {
  /** A message without an id of its own gets the SHA-256 of its body. */
  readonly contentBasedDeduplication: boolean;
  readonly deduplicationScope: 'queue' | 'messageGroup';
  /** Kept and shown; throughput has no limit of its own here. */
  readonly throughputLimit: 'perQueue' | 'perMessageGroupId';
}

export interface QueueConfig {
  readonly visibilityTimeoutSeconds: number;
  readonly delaySeconds: number;
  readonly messageSizeBytesMax: number;
  readonly retentionSeconds: number;
  readonly receiveWaitSeconds: number;
  readonly redrivePolicy?: RedrivePolicy;
  readonly fifo?: FifoConfig;
  /** Attributes that are kept as they came and steer no message: Policy, RedriveAllowPolicy, Kms..., Sqs... */
  readonly stored: Readonly<Record<string, string>>;
}

export interface QueueRecord extends Scope {
  readonly name: string;
  /** Tells a queue from an earlier one of the same name: the creation time, made unique. */
  readonly generation: number;
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
  readonly config: QueueConfig;
  readonly tags: Readonly<Record<string, string>>;
}

export function queueKey(scope: Scope, name: string): Key {
  return key(KEYSPACE.queue, scope.account, scope.region, name);
}

export function queueArn(queue: Scope & { readonly name: string }): string {
  return formatArn('sqs', queue, queue.name);
}
