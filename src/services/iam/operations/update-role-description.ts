import type { UpdateRoleDescriptionRequest, UpdateRoleDescriptionResponse } from '../../../api/iam.ts';
import { requireRole, toRole } from '../entities.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function updateRoleDescription(
  deps: IamDependencies,
): Handler<UpdateRoleDescriptionRequest, UpdateRoleDescriptionResponse> {
  return (input, call) => {
    const role = { ...requireRole(deps, call, input.RoleName), description: input.Description };
    call.turn((turn) => deps.identities.put(turn, role));
    return { Role: toRole(role) };
  };
}
