import type { StopExecutionInput, StopExecutionOutput } from '../../../api/states.ts';
import type { Handler } from '../../service.ts';
import { requireExecution } from '../model.ts';
import type { StatesDependencies } from '../service.ts';

/** Stopping an execution that has ended changes nothing and answers when it ended. */
export function stopExecution({
  executions,
}: StatesDependencies): Handler<StopExecutionInput, StopExecutionOutput> {
  return ({ executionArn, error, cause }, call) => {
    requireExecution(executions, executionArn);
    call.turn((turn) =>
      executions.stop(turn, executionArn, {
        ...(error === undefined ? {} : { error }),
        ...(cause === undefined ? {} : { cause }),
      }),
    );
    const { state, position } = requireExecution(executions, executionArn);
    call.readAt(position);
    return { stopDate: state.stoppedAtMs ?? state.identity.startedAtMs };
  };
}
