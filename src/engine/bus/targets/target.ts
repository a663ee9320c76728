/** What every kind of target has in common: how it is checked by PutTargets and how an event gets to it. */
import type { Target } from '../../../api/events.ts';
import { AwsError } from '../../../base/errors.ts';
import { parseArn, type Scope } from '../../../base/arn.ts';
import type { Cause } from '../../cause.ts';
import type { Turn } from '../../loop.ts';
import type { TraceEffect } from '../../trace/trace-link.ts';
import type { BusEvent } from '../bus-event.ts';

/** One event on its way to one target. */
export interface Delivery {
  readonly target: Target;
  /** Where the rule lives. */
  readonly scope: Scope;
  readonly ruleArn: string;
  readonly payload: string;
  readonly cause: Cause;
  /** The event itself; undefined when a delivery is tried again, for which its payload is enough. */
  readonly event: BusEvent | undefined;
}

/** The codes that dead letters carry. Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
export type FailureCode =
  | 'CROSS_ACCOUNT_INGESTION_FAILED'
  | 'CROSS_REGION_INGESTION_FAILED'
  | 'ERROR_FROM_TARGET'
  | 'INVALID_JSON'
  | 'INVALID_PARAMETER'
  | 'NO_PERMISSIONS'
  | 'NO_RESOURCE'
  | 'RESOURCE_LIMIT_EXCEEDED'
  | 'THIRD_ACCOUNT_HOP_DETECTED'
  | 'THIRD_REGION_HOP_DETECTED'
  | 'THROTTLING';

export interface Failure {
  readonly kind: 'failed';
  readonly code: FailureCode;
  readonly message: string;
  readonly isRetryable: boolean;
}

/** A delivered event names what it became: a message, an invocation, an execution, an event of another bus. */
export type Outcome = Failure | { readonly kind: 'delivered'; readonly effect: TraceEffect };

export interface TargetKind {
  /** Throws what PutTargets answers for a target of this kind that it does not take. */
  check(target: Target, scope: Scope): void;
  /** Delivers in the turn, or fails before anything was changed. */
  deliver(turn: Turn, delivery: Delivery): Outcome;
}

export function permanentFailure(code: FailureCode, message: string): Failure {
  return { kind: 'failed', code, message, isRetryable: false };
}

export function validationError(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

/** But for buses, targets are reached in the region of the rule alone, as on AWS: others are accepted and then fail. */
export function isOfRegion(arn: string, scope: Scope): boolean {
  return parseArn(arn)?.region === scope.region;
}

export function requireRole(target: Target): void {
  if (!target.RoleArn) throw validationError(`RoleArn is required for target ${target.Arn}.`);
}

const THROTTLED = /Throttl|TooManyRequests/;
const MISSING = /NotFound|DoesNotExist/;
const LIMITED = /LimitExceeded/;

/** What a refusal of the target means for the delivery: throttles, limits and faults of the server pass, the rest stays. */
export function toFailure(error: unknown): Failure {
  if (!(error instanceof AwsError)) throw error;
  const { code, message, fault } = error;
  const failure = (failureCode: FailureCode, isRetryable: boolean): Failure => ({
    kind: 'failed',
    code: failureCode,
    message: `${code}: ${message}`,
    isRetryable,
  });
  if (THROTTLED.test(code)) return failure('THROTTLING', true);
  if (LIMITED.test(code)) return failure('RESOURCE_LIMIT_EXCEEDED', true);
  if (MISSING.test(code)) return failure('NO_RESOURCE', false);
  if (code.startsWith('AccessDenied')) return failure('NO_PERMISSIONS', false);
  if (fault === 'server') return failure('ERROR_FROM_TARGET', code !== 'NotImplemented');
  return failure('INVALID_PARAMETER', false);
}
