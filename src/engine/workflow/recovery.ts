/** Retry and Catch: which of a state's handlers takes a failure, and when another attempt is due. */
import type { Random } from '../../base/random.ts';
import { randomFloat } from '../../base/random.ts';
import { ErrorName } from '../../lang/asl/errors.ts';
import type { Catcher, Retrier } from '../../lang/asl/types.ts';

/** A state that failed. */
export interface Failure {
  /** Absent when a Fail state or a worker gave none. */
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
  /** Another name by which handlers may know it: a heartbeat that did not come is a timeout, too. */
  readonly alias?: string;
}

/** Whether one of the names in ErrorEquals means the failure. */
export function matchesError(names: readonly string[], { error, alias }: Failure): boolean {
  return names.some((name) => {
    if (name === error || (alias !== undefined && name === alias)) return true;
    // "The States.Runtime error is not retriable, and will always cause the execution to fail."
    if (error === ErrorName.runtime) return false;
    return name === ErrorName.all || (name === ErrorName.taskFailed && error !== ErrorName.timeout);
  });
}

export interface RetryDecision {
  readonly retryCounts: readonly number[];
  readonly delayMs: number;
}

/** The next attempt after a failure, or `undefined` when no retrier takes it or its attempts are used up. */
export function decideRetry(
  retriers: readonly Retrier[],
  retryCounts: readonly number[],
  failure: Failure,
  random: Random,
): RetryDecision | undefined {
  const index = retriers.findIndex(({ errorEquals }) => matchesError(errorEquals, failure));
  const retrier = retriers[index];
  if (retrier === undefined || failure.error === ErrorName.runtime) return undefined;
  const count = retryCounts[index] ?? 0;
  if (count >= retrier.maxAttempts) return undefined;
  return {
    retryCounts: retriers.map((_, position) => (retryCounts[position] ?? 0) + (position === index ? 1 : 0)),
    delayMs: Math.round(retryDelaySeconds(retrier, count, random) * 1000),
  };
}

/** The delay grows by the rate with each attempt, up to its maximum; full jitter takes any part of it. */
function retryDelaySeconds(retrier: Retrier, count: number, random: Random): number {
  const grown = retrier.intervalSeconds * retrier.backoffRate ** count;
  // AWS bounds MaxDelaySeconds to less than a year; an unbounded growth ends there, too.
  const delay = Math.min(grown, retrier.maxDelaySeconds ?? 31_536_000);
  return retrier.isJitterFull ? delay * randomFloat(random) : delay;
}

export function findCatcher(catchers: readonly Catcher[], failure: Failure): Catcher | undefined {
  if (failure.error === ErrorName.runtime) return undefined;
  return catchers.find(({ errorEquals }) => matchesError(errorEquals, failure));
}
