import type { AttachUserPolicyRequest } from '../../../api/iam.ts';
import { requireUser } from '../entities.ts';
import { attachPolicy } from '../principal-policies.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function attachUserPolicy(deps: IamDependencies): Handler<AttachUserPolicyRequest, void> {
  return (input, call) => attachPolicy(deps, call, requireUser(deps, call, input.UserName), input.PolicyArn);
}
