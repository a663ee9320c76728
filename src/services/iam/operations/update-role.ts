import type { UpdateRoleRequest, UpdateRoleResponse } from '../../../api/iam.ts';
import { requireRole } from '../entities.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function updateRole(deps: IamDependencies): Handler<UpdateRoleRequest, UpdateRoleResponse> {
  return (input, call) => {
    const role = requireRole(deps, call, input.RoleName);
    const { Description: description, MaxSessionDuration: sessionSecondsMax } = input;
    const changed = {
      ...role,
      ...(description === undefined ? {} : { description }),
      ...(sessionSecondsMax === undefined ? {} : { sessionSecondsMax }),
    };
    call.turn((turn) => deps.identities.put(turn, changed));
    return {};
  };
}
