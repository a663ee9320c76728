import type { GetRolePolicyRequest, GetRolePolicyResponse } from '../../../api/iam.ts';
import { requireRole } from '../entities.ts';
import { getInlinePolicy } from '../principal-policies.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function getRolePolicy(deps: IamDependencies): Handler<GetRolePolicyRequest, GetRolePolicyResponse> {
  return (input, call) => {
    const role = requireRole(deps, call, input.RoleName);
    return { RoleName: role.name, ...getInlinePolicy(role, input.PolicyName) };
  };
}
