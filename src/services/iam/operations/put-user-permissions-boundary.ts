import type { PutUserPermissionsBoundaryRequest } from '../../../api/iam.ts';
import type { Handler } from '../../service.ts';
import { requireUser } from '../entities.ts';
import { boundaryOf } from '../principal-policies.ts';
import type { IamDependencies } from '../service.ts';

export function putUserPermissionsBoundary(
  deps: IamDependencies,
): Handler<PutUserPermissionsBoundaryRequest, void> {
  return (input, call) => {
    const user = requireUser(deps, call, input.UserName);
    const boundary = boundaryOf(deps, call, input.PermissionsBoundary);
    call.turn((turn) => deps.identities.put(turn, { ...user, ...boundary }));
  };
}
