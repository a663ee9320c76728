import type { DeleteUserPermissionsBoundaryRequest } from '../../../api/iam.ts';
import type { Handler } from '../../service.ts';
import { requireUser } from '../entities.ts';
import { noSuchBoundary } from '../errors.ts';
import type { IamDependencies } from '../service.ts';

export function deleteUserPermissionsBoundary(
  deps: IamDependencies,
): Handler<DeleteUserPermissionsBoundaryRequest, void> {
  return (input, call) => {
    const { permissionsBoundary: boundary, ...user } = requireUser(deps, call, input.UserName);
    if (boundary === undefined) throw noSuchBoundary('user', user.name);
    call.turn((turn) => deps.identities.put(turn, user));
  };
}
