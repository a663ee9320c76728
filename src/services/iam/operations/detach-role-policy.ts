import type { DetachRolePolicyRequest } from '../../../api/iam.ts';
import { requireRole } from '../entities.ts';
import { detachPolicy } from '../principal-policies.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function detachRolePolicy(deps: IamDependencies): Handler<DetachRolePolicyRequest, void> {
  return (input, call) => detachPolicy(deps, call, requireRole(deps, call, input.RoleName), input.PolicyArn);
}
