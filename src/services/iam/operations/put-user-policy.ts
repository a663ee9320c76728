import type { PutUserPolicyRequest } from '../../../api/iam.ts';
import { requireUser } from '../entities.ts';
import { putInlinePolicy } from '../principal-policies.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function putUserPolicy(deps: IamDependencies): Handler<PutUserPolicyRequest, void> {
  return (input, call) => putInlinePolicy(deps, call, requireUser(deps, call, input.UserName), input);
}
