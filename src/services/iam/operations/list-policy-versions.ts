import type { ListPolicyVersionsRequest, ListPolicyVersionsResponse } from '../../../api/iam.ts';
import { requirePolicy, toListedVersion } from '../entities.ts';
import { paginate } from '../paginate.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

/** The newest first. */
export function listPolicyVersions(
  deps: IamDependencies,
): Handler<ListPolicyVersionsRequest, ListPolicyVersionsResponse> {
  return (input, call) => {
    const policy = requirePolicy(deps, call, input.PolicyArn);
    const page = paginate(policy.versions.toReversed(), input, ({ number }) => `v${number}`);
    return { Versions: page.items.map((version) => toListedVersion(policy, version)), ...page.rest };
  };
}
