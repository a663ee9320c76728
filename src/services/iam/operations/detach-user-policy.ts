import type { DetachUserPolicyRequest } from '../../../api/iam.ts';
import { requireUser } from '../entities.ts';
import { detachPolicy } from '../principal-policies.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function detachUserPolicy(deps: IamDependencies): Handler<DetachUserPolicyRequest, void> {
  return (input, call) => detachPolicy(deps, call, requireUser(deps, call, input.UserName), input.PolicyArn);
}
