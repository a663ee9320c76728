import type { GetHostedZoneCountRequest, GetHostedZoneCountResponse } from '../../../api/route53.ts';
import type { Handler } from '../../service.ts';
import type { Route53Dependencies } from '../service.ts';

export function getHostedZoneCount(
  deps: Route53Dependencies,
): Handler<GetHostedZoneCountRequest, GetHostedZoneCountResponse> {
  return (_input, call) => ({ HostedZoneCount: deps.zones.list(call.scope.account).length });
}
