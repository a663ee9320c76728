/** What the task of a parent is told of the nested execution that it waited for: DescribeExecution's answer. */
import type { Json } from '../../base/json.ts';
import type { WorkflowInput } from './commands.ts';
import { parsePayload } from './payload.ts';
import type { ExecutionState } from './state.ts';

export type SyncPattern = 'sync' | 'sync:2';

/** The outcome of task `taskId` by an execution that has ended; `undefined` stands for one that is not known any more. */
export function nestedOutcome(
  taskId: number,
  pattern: SyncPattern,
  state: ExecutionState | undefined,
): WorkflowInput {
  if (state === undefined) return { kind: 'task-failed', taskId, error: 'States.TaskFailed' };
  const text = JSON.stringify(describe(state, pattern));
  return state.status === 'SUCCEEDED'
    ? { kind: 'task-succeeded', taskId, output: text }
    : { kind: 'task-failed', taskId, error: 'States.TaskFailed', cause: text };
}

/** Members in the order of their names. What AWS leaves out of a failure, it leaves out here (recorded). */
function describe({ identity, status, ...state }: ExecutionState, pattern: SyncPattern): Json {
  const details = { Included: true };
  const { output, error, cause } = state;
  // `.sync:2` is the one that shows JSON as JSON (recorded).
  const shown = (text: string): Json => (pattern === 'sync:2' ? parsePayload(text) : text);
  return {
    ...(cause === undefined ? {} : { Cause: cause }),
    ...(error === undefined ? {} : { Error: error }),
    ExecutionArn: identity.executionArn,
    Input: shown(identity.input),
    InputDetails: details,
    Name: identity.name,
    ...(output === undefined ? {} : { Output: shown(output), OutputDetails: details }),
    ...(status === 'SUCCEEDED'
      ? {
          RedriveCount: identity.redriveCount,
          RedriveStatus: 'NOT_REDRIVABLE',
          RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
        }
      : {}),
    StartDate: identity.startedAtMs,
    StateMachineArn: identity.stateMachineArn,
    Status: status,
    StopDate: state.stoppedAtMs ?? identity.startedAtMs,
  };
}
