import type { DeletePolicyVersionRequest } from '../../../api/iam.ts';
import { requirePolicy, requireVersion } from '../entities.ts';
import { isDefaultVersion } from '../errors.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function deletePolicyVersion(deps: IamDependencies): Handler<DeletePolicyVersionRequest, void> {
  return (input, call) => {
    const policy = requirePolicy(deps, call, input.PolicyArn);
    const { number } = requireVersion(policy, input.VersionId);
    if (number === policy.defaultVersion) throw isDefaultVersion();
    const versions = policy.versions.filter((version) => version.number !== number);
    call.turn((turn) => deps.identities.put(turn, { ...policy, versions, updatedAtMs: turn.now }));
  };
}
