import type { DescribeExecutionInput, DescribeExecutionOutput } from '../../../api/states.ts';
import type { ExecutionState } from '../../../engine/workflow/state.ts';
import type { Handler } from '../../service.ts';
import { requireExecution } from '../model.ts';
import type { StatesDependencies } from '../service.ts';

export function describeExecution({
  executions,
}: StatesDependencies): Handler<DescribeExecutionInput, DescribeExecutionOutput> {
  return ({ executionArn, includedData }, call) => {
    const { state, position } = requireExecution(executions, executionArn);
    call.readAt(position);
    const { identity } = state;
    return {
      executionArn,
      stateMachineArn: identity.stateMachineArn,
      name: identity.name,
      status: state.status,
      startDate: identity.startedAtMs,
      ...(state.stoppedAtMs === undefined ? {} : { stopDate: state.stoppedAtMs }),
      ...(includedData === 'METADATA_ONLY' ? {} : dataOf(state)),
      ...redriveOf(state),
    };
  };
}

function dataOf({ identity, output, error, cause }: ExecutionState): Partial<DescribeExecutionOutput> {
  return {
    input: identity.input,
    inputDetails: { included: true },
    ...(output === undefined ? {} : { output, outputDetails: { included: true } }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
  };
}

function redriveOf({ status, identity }: ExecutionState): Partial<DescribeExecutionOutput> {
  if (status === 'SUCCEEDED' || status === 'RUNNING') {
    const what = status === 'RUNNING' ? 'is RUNNING' : 'is SUCCEEDED';
    return {
      redriveCount: identity.redriveCount,
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: `Execution ${what} and cannot be redriven`,
    };
  }
  return { redriveCount: identity.redriveCount, redriveStatus: 'REDRIVABLE' };
}
