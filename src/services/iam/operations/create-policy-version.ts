import type { CreatePolicyVersionRequest, CreatePolicyVersionResponse } from '../../../api/iam.ts';
import { requirePolicy, toListedVersion } from '../entities.ts';
import { tooManyPolicyVersions } from '../errors.ts';
import { POLICY_VERSIONS_MAX } from '../limits.ts';
import { requireManagedPolicy } from '../policy-document.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function createPolicyVersion(
  deps: IamDependencies,
): Handler<CreatePolicyVersionRequest, CreatePolicyVersionResponse> {
  return (input, call) => {
    const policy = requirePolicy(deps, call, input.PolicyArn);
    requireManagedPolicy(input.PolicyDocument);
    if (policy.versions.length >= POLICY_VERSIONS_MAX) throw tooManyPolicyVersions();
    const number = policy.lastVersion + 1;
    return call.turn((turn) => {
      const version = { number, document: input.PolicyDocument, createdAtMs: turn.now };
      const changed = {
        ...policy,
        versions: [...policy.versions, version],
        lastVersion: number,
        defaultVersion: input.SetAsDefault === true ? number : policy.defaultVersion,
        updatedAtMs: turn.now,
      };
      deps.identities.put(turn, changed);
      return { PolicyVersion: toListedVersion(changed, version) };
    });
  };
}
