import type { AttachRolePolicyRequest } from '../../../api/iam.ts';
import { requireRole } from '../entities.ts';
import { attachPolicy } from '../principal-policies.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function attachRolePolicy(deps: IamDependencies): Handler<AttachRolePolicyRequest, void> {
  return (input, call) => attachPolicy(deps, call, requireRole(deps, call, input.RoleName), input.PolicyArn);
}
