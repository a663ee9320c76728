import type { StartExecutionInput, StartExecutionOutput } from '../../../api/states.ts';
import type { Handler } from '../../service.ts';
import { requireMachine } from '../model.ts';
import { requireInput, requireName } from '../names.ts';
import type { StatesDependencies } from '../service.ts';

/** Idempotent by name: the same name and input answer the execution that runs. */
export function startExecution({
  machines,
  executions,
}: StatesDependencies): Handler<StartExecutionInput, StartExecutionOutput> {
  return (input, call) => {
    call.admit();
    const { stateMachineArn, name } = input;
    if (name !== undefined) requireName(name);
    const text = requireInput(input.input);
    requireMachine(machines, stateMachineArn);
    const started = call.turn((turn) =>
      executions.begin(turn, { stateMachineArn, input: text, ...(name === undefined ? {} : { name }) }),
    );
    call.readAt(started.position);
    return { executionArn: started.executionArn, startDate: started.startedAtMs };
  };
}
