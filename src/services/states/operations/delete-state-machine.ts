import type { DeleteStateMachineInput, DeleteStateMachineOutput } from '../../../api/states.ts';
import { parseArn } from '../../../base/arn.ts';
import type { Handler } from '../../service.ts';
import { invalidArn } from '../errors.ts';
import type { StatesDependencies } from '../service.ts';

/** Stops what runs and removes the machine in one commit; one that does not exist is removed already. */
export function deleteStateMachine({
  machines,
  executions,
}: StatesDependencies): Handler<DeleteStateMachineInput, DeleteStateMachineOutput> {
  return (input, call) => {
    const arn = input.stateMachineArn;
    if (parseArn(arn) === undefined) throw invalidArn(`Invalid ARN prefix: ${arn}`);
    const machine = machines.find(arn);
    if (machine === undefined) return {};
    call.turn((turn) => {
      executions.stopAll(turn, machine, machine.name);
      machines.delete(turn, arn);
    });
    return {};
  };
}
