import type { GetHealthCheckCountRequest, GetHealthCheckCountResponse } from '../../../api/route53.ts';
import type { Handler } from '../../service.ts';
import type { Route53Dependencies } from '../service.ts';

export function getHealthCheckCount(
  deps: Route53Dependencies,
): Handler<GetHealthCheckCountRequest, GetHealthCheckCountResponse> {
  return (_input, call) => ({ HealthCheckCount: deps.healthChecks.count(call.scope.account) });
}
