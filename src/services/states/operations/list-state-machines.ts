import type { ListStateMachinesInput, ListStateMachinesOutput } from '../../../api/states.ts';
import { machineArn } from '../../../engine/workflow/machine-record.ts';
import type { Handler } from '../../service.ts';
import { LIST_RESULTS_DEFAULT } from '../limits.ts';
import { pageOf } from '../../page.ts';
import { invalidPageToken } from '../errors.ts';
import { pageSize } from '../model.ts';
import type { StatesDependencies } from '../service.ts';

export function listStateMachines({
  machines,
}: StatesDependencies): Handler<ListStateMachinesInput, ListStateMachinesOutput> {
  return (input, call) => {
    const { page, ...next } = pageOf(machines.list(call.scope), {
      countMax: pageSize(input.maxResults, LIST_RESULTS_DEFAULT),
      token: input.nextToken,
      nameOf: ({ name }) => name,
      invalidToken: invalidPageToken,
    });
    return {
      stateMachines: page.map((machine) => ({
        stateMachineArn: machineArn(machine),
        name: machine.name,
        type: machine.type,
        creationDate: machine.createdAtMs,
      })),
      ...next,
    };
  };
}
