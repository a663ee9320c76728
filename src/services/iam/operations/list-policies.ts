import type { ListPoliciesRequest, ListPoliciesResponse } from '../../../api/iam.ts';
import { notImplementedError } from '../../../base/errors.ts';
import { toListedPolicy } from '../entities.ts';
import { paginate } from '../paginate.ts';
import { isInUse } from '../principal-policies.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

/** The account's own policies: AWS's are not here, so `All` lists the same as `Local`. */
export function listPolicies(deps: IamDependencies): Handler<ListPoliciesRequest, ListPoliciesResponse> {
  return (input, call) => {
    const { Scope: scope, OnlyAttached: onlyAttached = false } = input;
    if (scope === 'AWS') throw notImplementedError('Listing the policies that AWS manages');
    if (input.PolicyUsageFilter !== undefined) throw notImplementedError('PolicyUsageFilter');
    const policies = deps.identities
      .list('policy', call.scope.account, input.PathPrefix)
      .filter((policy) => !onlyAttached || isInUse(deps, policy));
    const page = paginate(policies, input, ({ name }) => name);
    return { Policies: page.items.map((policy) => toListedPolicy(deps.identities, policy)), ...page.rest };
  };
}
