import type { DeleteHealthCheckRequest, DeleteHealthCheckResponse } from '../../../api/route53.ts';
import { requireHealthCheck } from '../entities.ts';
import type { Handler } from '../../service.ts';
import type { Route53Dependencies } from '../service.ts';

/** Record sets and calculated checks that name it go on to do so, and take it for healthy. */
export function deleteHealthCheck(
  deps: Route53Dependencies,
): Handler<DeleteHealthCheckRequest, DeleteHealthCheckResponse> {
  return (input, call) => {
    const record = requireHealthCheck(deps, call, input.HealthCheckId);
    call.turn((turn) => deps.healthChecks.delete(turn, record));
    return {};
  };
}
