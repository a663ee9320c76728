import type { GetDNSSECRequest, GetDNSSECResponse } from '../../../api/route53.ts';
import { requireZone } from '../entities.ts';
import type { Handler } from '../../service.ts';
import type { Route53Dependencies } from '../service.ts';

/** No zone is signed. */
export function getDnssec(deps: Route53Dependencies): Handler<GetDNSSECRequest, GetDNSSECResponse> {
  return (input, call) => {
    requireZone(deps, call, input.HostedZoneId);
    return { Status: { ServeSignature: 'NOT_SIGNING' }, KeySigningKeys: [] };
  };
}
