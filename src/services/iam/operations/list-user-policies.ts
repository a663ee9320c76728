import type { ListUserPoliciesRequest, ListUserPoliciesResponse } from '../../../api/iam.ts';
import { requireUser } from '../entities.ts';
import { listInlinePolicies } from '../principal-policies.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function listUserPolicies(
  deps: IamDependencies,
): Handler<ListUserPoliciesRequest, ListUserPoliciesResponse> {
  return (input, call) => listInlinePolicies(requireUser(deps, call, input.UserName), input);
}
