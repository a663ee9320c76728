import type { SetDefaultPolicyVersionRequest } from '../../../api/iam.ts';
import { requirePolicy, requireVersion } from '../entities.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function setDefaultPolicyVersion(
  deps: IamDependencies,
): Handler<SetDefaultPolicyVersionRequest, void> {
  return (input, call) => {
    const policy = requirePolicy(deps, call, input.PolicyArn);
    const { number: defaultVersion } = requireVersion(policy, input.VersionId);
    call.turn((turn) => deps.identities.put(turn, { ...policy, defaultVersion, updatedAtMs: turn.now }));
  };
}
