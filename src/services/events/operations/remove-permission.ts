import type { RemovePermissionRequest } from '../../../api/events.ts';
import type { Handler } from '../../service.ts';
import { statementDoesNotExist } from '../errors.ts';
import { requireBus } from '../resolve.ts';
import type { EventsDependencies } from '../service.ts';
import { policyStatements } from './put-permission.ts';

/** With its last statement the policy goes, too. */
export function removePermission({ buses }: EventsDependencies): Handler<RemovePermissionRequest, void> {
  return (input, call) => {
    const bus = requireBus(buses, call, input.EventBusName);
    const { policy, ...record } = bus.record;
    if (input.RemoveAllPermissions) {
      call.turn((turn) => buses.update(turn, bus, record));
      return;
    }
    const statements = policyStatements(policy);
    const kept = statements.filter(({ Sid: sid }) => sid !== input.StatementId);
    if (kept.length === statements.length) throw statementDoesNotExist();
    const changed = kept.length === 0 ? record : { ...record, policy: { ...policy, Statement: kept } };
    call.turn((turn) => buses.update(turn, bus, changed));
  };
}
