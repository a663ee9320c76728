import type { DeleteUserPolicyRequest } from '../../../api/iam.ts';
import { requireUser } from '../entities.ts';
import { deleteInlinePolicy } from '../principal-policies.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function deleteUserPolicy(deps: IamDependencies): Handler<DeleteUserPolicyRequest, void> {
  return (input, call) =>
    deleteInlinePolicy(deps, call, requireUser(deps, call, input.UserName), input.PolicyName);
}
