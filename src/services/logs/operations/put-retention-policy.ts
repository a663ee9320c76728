import type { PutRetentionPolicyRequest } from '../../../api/logs.ts';
import { invalidParameter } from '../errors.ts';
import { RETENTION_DAYS } from '../limits.ts';
import { requireGroup } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LogsDependencies } from '../service.ts';

export function putRetentionPolicy({ logs }: LogsDependencies): Handler<PutRetentionPolicyRequest, void> {
  return (input, call) => {
    const { record } = requireGroup(logs, call, input);
    const { retentionInDays: retentionDays } = input;
    if (!RETENTION_DAYS.has(retentionDays)) {
      throw invalidParameter(
        `1 validation error detected: Value '${retentionDays}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [${[...RETENTION_DAYS].join(', ')}]`,
      );
    }
    call.turn((turn) => logs.putGroup(turn, { ...record, retentionDays }));
  };
}
