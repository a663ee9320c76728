/** The stored configuration of a queue. Attribute values that nothing here acts on are kept as the API gave them. */
import { formatArn, type Scope } from '../../base/arn.ts';
import { key } from '../../storage/keys.ts';
import type { Key } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

export interface QueueConfig {
  readonly visibilityTimeoutSeconds: number;
  readonly delaySeconds: number;
  readonly messageSizeBytesMax: number;
  readonly retentionSeconds: number;
  readonly receiveWaitSeconds: number;
  readonly redrivePolicy?: RedrivePolicy;
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
