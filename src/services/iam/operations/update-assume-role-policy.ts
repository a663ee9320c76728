import type { UpdateAssumeRolePolicyRequest } from '../../../api/iam.ts';
import { requireRole } from '../entities.ts';
import { requireTrustPolicy } from '../policy-document.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function updateAssumeRolePolicy(deps: IamDependencies): Handler<UpdateAssumeRolePolicyRequest, void> {
  return (input, call) => {
    const role = requireRole(deps, call, input.RoleName);
    requireTrustPolicy(input.PolicyDocument);
    call.turn((turn) => deps.identities.put(turn, { ...role, trustPolicy: input.PolicyDocument }));
  };
}
