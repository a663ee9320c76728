import type { PutRolePermissionsBoundaryRequest } from '../../../api/iam.ts';
import type { Handler } from '../../service.ts';
import { requireRole } from '../entities.ts';
import { boundaryOf } from '../principal-policies.ts';
import type { IamDependencies } from '../service.ts';

export function putRolePermissionsBoundary(
  deps: IamDependencies,
): Handler<PutRolePermissionsBoundaryRequest, void> {
  return (input, call) => {
    const role = requireRole(deps, call, input.RoleName);
    const boundary = boundaryOf(deps, call, input.PermissionsBoundary);
    call.turn((turn) => deps.identities.put(turn, { ...role, ...boundary }));
  };
}
