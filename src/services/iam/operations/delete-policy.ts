import type { DeletePolicyRequest } from '../../../api/iam.ts';
import { requirePolicy } from '../entities.ts';
import { policyHasVersions, policyIsAttached } from '../errors.ts';
import { isInUse } from '../principal-policies.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function deletePolicy(deps: IamDependencies): Handler<DeletePolicyRequest, void> {
  return (input, call) => {
    const policy = requirePolicy(deps, call, input.PolicyArn);
    if (isInUse(deps, policy)) throw policyIsAttached();
    if (policy.versions.length > 1) throw policyHasVersions();
    call.turn((turn) => deps.identities.delete(turn, policy));
  };
}
