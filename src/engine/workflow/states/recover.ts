/** Retry and Catch of a state that has them: wait for another attempt, or leave for the handler's state. */
import type { TaskState } from '../../../lang/asl/types.ts';
import { Payload } from '../payload.ts';
import type { Failure } from '../recovery.ts';
import { decideRetry, findCatcher } from '../recovery.ts';
import type { FrameDraft, Run } from '../run.ts';
import { applyAssign, applyResultPath } from './data-flow.ts';

export interface Recovery {
  readonly failure: Failure;
  /** Called when there is no other attempt, before the state is left or the failure goes on. */
  readonly beforeCatch?: () => void;
}

/** True when a handler took the failure. */
export function recover(
  run: Run,
  frame: FrameDraft,
  state: Pick<TaskState, 'retry' | 'catch'>,
  { failure, beforeCatch }: Recovery,
): boolean {
  const retry = decideRetry(state.retry, frame.retryCounts, failure, run.environment.random);
  if (retry !== undefined) {
    frame.retryCounts = retry.retryCounts;
    frame.activity = { kind: 'backoff', atMs: run.now + retry.delayMs };
    return true;
  }
  beforeCatch?.();
  const catcher = findCatcher(state.catch, failure);
  if (catcher === undefined) return false;
  const { error, cause } = failure;
  const result = Payload.ofValue({ Error: error ?? '', Cause: cause ?? '' });
  const output = applyResultPath(catcher.resultPath, frame.payload, result);
  const assigned = applyAssign(catcher.assign, result, run.scope(frame));
  run.exit(frame, { output, assigned, next: catcher.next });
  return true;
}
