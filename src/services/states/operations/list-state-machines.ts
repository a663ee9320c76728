import type { ListStateMachinesInput, ListStateMachinesOutput } from '../../../api/states.ts';
import { machineArn } from '../../../engine/workflow/machine-record.ts';
import type { Handler } from '../../service.ts';
import { LIST_RESULTS_DEFAULT } from '../limits.ts';
import { decodePageToken, encodePageToken, pageSize } from '../model.ts';
import type { StatesDependencies } from '../service.ts';

export function listStateMachines({
  machines,
}: StatesDependencies): Handler<ListStateMachinesInput, ListStateMachinesOutput> {
  return (input, call) => {
    const after = input.nextToken === undefined ? '' : decodePageToken(input.nextToken);
    const rest = machines.list(call.scope).filter(({ name }) => name > after);
    const page = rest.slice(0, pageSize(input.maxResults, LIST_RESULTS_DEFAULT));
    const last = page.at(-1);
    return {
      stateMachines: page.map((machine) => ({
        stateMachineArn: machineArn(machine),
        name: machine.name,
        type: machine.type,
        creationDate: machine.createdAtMs,
      })),
      ...(last !== undefined && page.length < rest.length ? { nextToken: encodePageToken(last.name) } : {}),
    };
  };
}
