import type { GetHealthCheckStatusRequest, GetHealthCheckStatusResponse } from '../../../api/route53.ts';
import { requireHealthCheck } from '../entities.ts';
import { toObservations } from '../observations.ts';
import type { Handler } from '../../service.ts';
import type { Route53Dependencies } from '../service.ts';

export function getHealthCheckStatus(
  deps: Route53Dependencies,
): Handler<GetHealthCheckStatusRequest, GetHealthCheckStatusResponse> {
  return (input, call) => {
    const { id } = requireHealthCheck(deps, call, input.HealthCheckId);
    return { HealthCheckObservations: toObservations(deps.health.observations(id)) };
  };
}
