import type { GetHealthCheckRequest, GetHealthCheckResponse } from '../../../api/route53.ts';
import { requireHealthCheck, toHealthCheck } from '../entities.ts';
import type { Handler } from '../../service.ts';
import type { Route53Dependencies } from '../service.ts';

export function getHealthCheck(
  deps: Route53Dependencies,
): Handler<GetHealthCheckRequest, GetHealthCheckResponse> {
  return (input, call) => ({
    HealthCheck: toHealthCheck(requireHealthCheck(deps, call, input.HealthCheckId)),
  });
}
