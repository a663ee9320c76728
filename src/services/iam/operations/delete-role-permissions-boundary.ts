import type { DeleteRolePermissionsBoundaryRequest } from '../../../api/iam.ts';
import type { Handler } from '../../service.ts';
import { requireRole } from '../entities.ts';
import { noSuchBoundary } from '../errors.ts';
import type { IamDependencies } from '../service.ts';

export function deleteRolePermissionsBoundary(
  deps: IamDependencies,
): Handler<DeleteRolePermissionsBoundaryRequest, void> {
  return (input, call) => {
    const { permissionsBoundary: boundary, ...role } = requireRole(deps, call, input.RoleName);
    if (boundary === undefined) throw noSuchBoundary('role', role.name);
    call.turn((turn) => deps.identities.put(turn, role));
  };
}
