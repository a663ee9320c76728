import type { GetAccountLimitRequest, GetAccountLimitResponse } from '../../../api/route53.ts';
import type { AccountLimitType } from '../../../api/route53.ts';
import {
  HEALTH_CHECKS_MAX,
  HOSTED_ZONES_MAX,
  REUSABLE_DELEGATION_SETS_MAX,
  TRAFFIC_POLICIES_MAX,
  TRAFFIC_POLICY_INSTANCES_MAX,
} from '../limits.ts';
import type { Handler } from '../../service.ts';
import type { Route53Dependencies } from '../service.ts';

const LIMITS: Readonly<Record<AccountLimitType, number>> = {
  MAX_HEALTH_CHECKS_BY_OWNER: HEALTH_CHECKS_MAX,
  MAX_HOSTED_ZONES_BY_OWNER: HOSTED_ZONES_MAX,
  MAX_REUSABLE_DELEGATION_SETS_BY_OWNER: REUSABLE_DELEGATION_SETS_MAX,
  MAX_TRAFFIC_POLICIES_BY_OWNER: TRAFFIC_POLICIES_MAX,
  MAX_TRAFFIC_POLICY_INSTANCES_BY_OWNER: TRAFFIC_POLICY_INSTANCES_MAX,
};

export function getAccountLimit(
  deps: Route53Dependencies,
): Handler<GetAccountLimitRequest, GetAccountLimitResponse> {
  const countOf = (type: AccountLimitType, account: string): number => {
    if (type === 'MAX_HOSTED_ZONES_BY_OWNER') return deps.zones.list(account).length;
    // What is not built is not there.
    return type === 'MAX_HEALTH_CHECKS_BY_OWNER' ? deps.healthChecks.count(account) : 0;
  };
  return ({ Type: type }, call) => ({
    Limit: { Type: type, Value: LIMITS[type] },
    Count: countOf(type, call.scope.account),
  });
}
