import type { ListRolePoliciesRequest, ListRolePoliciesResponse } from '../../../api/iam.ts';
import { requireRole } from '../entities.ts';
import { listInlinePolicies } from '../principal-policies.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function listRolePolicies(
  deps: IamDependencies,
): Handler<ListRolePoliciesRequest, ListRolePoliciesResponse> {
  return (input, call) => listInlinePolicies(requireRole(deps, call, input.RoleName), input);
}
