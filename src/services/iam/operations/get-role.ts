import type { GetRoleRequest, GetRoleResponse } from '../../../api/iam.ts';
import { requireRole, toRole } from '../entities.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function getRole(deps: IamDependencies): Handler<GetRoleRequest, GetRoleResponse> {
  return (input, call) => ({ Role: toRole(requireRole(deps, call, input.RoleName)) });
}
