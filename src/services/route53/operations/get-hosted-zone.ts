import type { GetHostedZoneRequest, GetHostedZoneResponse } from '../../../api/route53.ts';
import { requireZone, toDelegationSet, toHostedZone } from '../entities.ts';
import type { Handler } from '../../service.ts';
import type { Route53Dependencies } from '../service.ts';

export function getHostedZone(
  deps: Route53Dependencies,
): Handler<GetHostedZoneRequest, GetHostedZoneResponse> {
  return (input, call) => {
    const zone = requireZone(deps, call, input.Id);
    return { HostedZone: toHostedZone(zone), DelegationSet: toDelegationSet(zone) };
  };
}
