import type { GetUserPolicyRequest, GetUserPolicyResponse } from '../../../api/iam.ts';
import { requireUser } from '../entities.ts';
import { getInlinePolicy } from '../principal-policies.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function getUserPolicy(deps: IamDependencies): Handler<GetUserPolicyRequest, GetUserPolicyResponse> {
  return (input, call) => {
    const user = requireUser(deps, call, input.UserName);
    return { UserName: user.name, ...getInlinePolicy(user, input.PolicyName) };
  };
}
