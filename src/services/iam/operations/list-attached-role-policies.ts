import type { ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse } from '../../../api/iam.ts';
import { requireRole } from '../entities.ts';
import { listAttachedPolicies } from '../principal-policies.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function listAttachedRolePolicies(
  deps: IamDependencies,
): Handler<ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse> {
  return (input, call) => listAttachedPolicies(requireRole(deps, call, input.RoleName), input);
}
