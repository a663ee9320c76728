import type { GetPolicyRequest, GetPolicyResponse } from '../../../api/iam.ts';
import { requirePolicy, toPolicy } from '../entities.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function getPolicy(deps: IamDependencies): Handler<GetPolicyRequest, GetPolicyResponse> {
  return (input, call) => ({
    Policy: toPolicy(deps.identities, requirePolicy(deps, call, input.PolicyArn)),
  });
}
