import type { ListAttachedUserPoliciesRequest, ListAttachedUserPoliciesResponse } from '../../../api/iam.ts';
import { requireUser } from '../entities.ts';
import { listAttachedPolicies } from '../principal-policies.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function listAttachedUserPolicies(
  deps: IamDependencies,
): Handler<ListAttachedUserPoliciesRequest, ListAttachedUserPoliciesResponse> {
  return (input, call) => listAttachedPolicies(requireUser(deps, call, input.UserName), input);
}
