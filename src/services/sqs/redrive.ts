/** Who gives dead letters to whom: a queue's RedrivePolicy, and the RedriveAllowPolicy of the queue that it names. */
import type { Scope } from '../../base/arn.ts';
import type { AwsError } from '../../base/errors.ts';
import { isJsonObject, type JsonObject, parseJson } from '../../base/json.ts';
import { queueArn, type RedrivePolicy } from '../../engine/queue/queue-record.ts';
import type { Queues } from '../../engine/queue/queues.ts';
import { invalidAttributeValue, invalidParameter } from './errors.ts';
import { REDRIVE_RECEIVE_COUNT_MAX, REDRIVE_SOURCES_MAX } from './limits.ts';

export function parseRedrivePolicy(text: string): RedrivePolicy {
  const refuse = (reason: string) => invalidParameter(text, 'RedrivePolicy', reason);
  const policy = parseObject(text);
  if (policy === undefined) throw refuse('Redrive policy is not a valid JSON map.');
  const arn = policy['deadLetterTargetArn'];
  if (typeof arn !== 'string')
    throw refuse('Redrive policy does not contain mandatory attribute: deadLetterTargetArn.');
  if (policy['maxReceiveCount'] === undefined) {
    throw refuse('Redrive policy does not contain mandatory attribute: maxReceiveCount.');
  }
  const maxReceiveCount = Number(policy['maxReceiveCount']);
  if (
    !Number.isInteger(maxReceiveCount) ||
    maxReceiveCount < 1 ||
    maxReceiveCount > REDRIVE_RECEIVE_COUNT_MAX
  ) {
    throw refuse(
      `Invalid value for maxReceiveCount: ${maxReceiveCount}, valid values are from 1 to 1000 both inclusive.`,
    );
  }
  return { deadLetterTargetArn: arn, maxReceiveCount };
}

/** Throws what AWS answers to a RedriveAllowPolicy that it does not take. */
export function requireRedriveAllowPolicy(text: string): void {
  const refuse = (reason: string): AwsError =>
    invalidParameter(
      text,
      'RedriveAllowPolicy',
      `Amazon SQS can't create the redrive allow policy. ${reason}`,
    );
  const { redrivePermission, sourceQueueArns, ...unknown } = parseObject(text) ?? {};
  const isKnown = typeof redrivePermission === 'string' && PERMISSIONS.has(redrivePermission);
  if (!isKnown || Object.keys(unknown).length > 0) throw invalidAttributeValue('RedriveAllowPolicy');
  if (sourceQueueArns !== undefined && !isTexts(sourceQueueArns)) {
    throw invalidAttributeValue('RedriveAllowPolicy');
  }
  const sourceCount = sourceQueueArns?.length ?? 0;
  if (redrivePermission !== 'byQueue') {
    if (sourceQueueArns === undefined) return;
    throw refuse('To specify one or more source queue ARNs, you must set redrivePermission to byQueue.');
  }
  if (sourceCount === 0) {
    throw refuse(
      'When you specify the byQueue permission type, you must also specify one or more sourceQueueArns values.',
    );
  }
  if (sourceCount > REDRIVE_SOURCES_MAX) {
    throw refuse(`The maximum number of source queue ARNs you can specify is ${REDRIVE_SOURCES_MAX}.`);
  }
}

const PERMISSIONS: ReadonlySet<string> = new Set(['allowAll', 'denyAll', 'byQueue']);

/**
 * Dead letters of `source` go to a queue that is there, in its account and region, and that takes them. As at AWS that
 * is looked at when `redrivePolicy` is set: what was allowed stays.
 */
export function requireDeadLetterQueue(
  queues: Queues,
  source: Scope & { readonly name: string; readonly isFifo: boolean },
  redrivePolicy: string | undefined,
): void {
  if (!redrivePolicy) return;
  const { deadLetterTargetArn } = parseRedrivePolicy(redrivePolicy);
  const target = queues.find(deadLetterTargetArn)?.record;
  if (target?.account !== source.account || target.region !== source.region) {
    throw invalidParameter(redrivePolicy, 'RedrivePolicy', 'Dead letter target does not exist.');
  }
  if ((target.config.fifo !== undefined) !== source.isFifo) {
    throw invalidParameter(
      redrivePolicy,
      'RedrivePolicy',
      'Dead-letter queue must be same type of queue as the source.',
    );
  }
  if (!allows(target.config.stored['RedriveAllowPolicy'], queueArn(source))) {
    throw invalidParameter(
      redrivePolicy,
      'RedrivePolicy',
      'The redrive allow policy of the dead letter target does not allow this queue.',
    );
  }
}

function allows(redriveAllowPolicy: string | undefined, sourceArn: string): boolean {
  const policy = redriveAllowPolicy === undefined ? undefined : parseObject(redriveAllowPolicy);
  if (policy === undefined || policy['redrivePermission'] === 'allowAll') return true;
  const { redrivePermission, sourceQueueArns } = policy;
  return redrivePermission === 'byQueue' && isTexts(sourceQueueArns) && sourceQueueArns.includes(sourceArn);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value = parseJson(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    // No JSON, or deeper than any policy is.
    return undefined;
  }
}
