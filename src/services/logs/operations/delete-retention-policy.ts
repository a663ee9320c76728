import type { DeleteRetentionPolicyRequest } from '../../../api/logs.ts';
import { requireGroup } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LogsDependencies } from '../service.ts';

export function deleteRetentionPolicy({
  logs,
}: LogsDependencies): Handler<DeleteRetentionPolicyRequest, void> {
  return (input, call) => {
    const { retentionDays: _, ...record } = requireGroup(logs, call, input).record;
    call.turn((turn) => logs.putGroup(turn, record));
  };
}
