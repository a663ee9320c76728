import type { DeleteRoleRequest } from '../../../api/iam.ts';
import { requireRole } from '../entities.ts';
import { requireNoPolicies } from '../principal-policies.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function deleteRole(deps: IamDependencies): Handler<DeleteRoleRequest, void> {
  return (input, call) => {
    const role = requireRole(deps, call, input.RoleName);
    requireNoPolicies(role);
    call.turn((turn) => deps.identities.delete(turn, role));
  };
}
