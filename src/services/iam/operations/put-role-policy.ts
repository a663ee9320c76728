import type { PutRolePolicyRequest } from '../../../api/iam.ts';
import { requireRole } from '../entities.ts';
import { putInlinePolicy } from '../principal-policies.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function putRolePolicy(deps: IamDependencies): Handler<PutRolePolicyRequest, void> {
  return (input, call) => putInlinePolicy(deps, call, requireRole(deps, call, input.RoleName), input);
}
