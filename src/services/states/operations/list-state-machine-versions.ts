import type { ListStateMachineVersionsInput, ListStateMachineVersionsOutput } from '../../../api/states.ts';
import type { Handler } from '../../service.ts';
import { requireMachine } from '../model.ts';
import type { StatesDependencies } from '../service.ts';

/** Versions cannot be published yet, so there are none; Terraform asks after every change. */
export function listStateMachineVersions({
  machines,
}: StatesDependencies): Handler<ListStateMachineVersionsInput, ListStateMachineVersionsOutput> {
  return (input) => {
    requireMachine(machines, input.stateMachineArn);
    return { stateMachineVersions: [] };
  };
}
