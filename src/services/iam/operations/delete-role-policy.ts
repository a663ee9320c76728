import type { DeleteRolePolicyRequest } from '../../../api/iam.ts';
import { requireRole } from '../entities.ts';
import { deleteInlinePolicy } from '../principal-policies.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function deleteRolePolicy(deps: IamDependencies): Handler<DeleteRolePolicyRequest, void> {
  return (input, call) =>
    deleteInlinePolicy(deps, call, requireRole(deps, call, input.RoleName), input.PolicyName);
}
