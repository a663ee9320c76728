import type { DeleteLogGroupRequest } from '../../../api/logs.ts';
import { requireGroup } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LogsDependencies } from '../service.ts';

export function deleteLogGroup({ logs }: LogsDependencies): Handler<DeleteLogGroupRequest, void> {
  return (input, call) => {
    const group = requireGroup(logs, call, input);
    call.turn((turn) => logs.deleteGroup(turn, group));
  };
}
