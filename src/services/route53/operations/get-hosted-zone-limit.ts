import type { GetHostedZoneLimitRequest, GetHostedZoneLimitResponse } from '../../../api/route53.ts';
import { requireZone } from '../entities.ts';
import { hostedZoneNotPrivate } from '../errors.ts';
import { RECORD_SETS_PER_ZONE_MAX } from '../limits.ts';
import type { Handler } from '../../service.ts';
import type { Route53Dependencies } from '../service.ts';

export function getHostedZoneLimit(
  deps: Route53Dependencies,
): Handler<GetHostedZoneLimitRequest, GetHostedZoneLimitResponse> {
  return ({ HostedZoneId: id, Type: type }, call) => {
    const zone = requireZone(deps, call, id);
    if (type !== 'MAX_RRSETS_BY_ZONE') throw hostedZoneNotPrivate(zone.record.id);
    return { Limit: { Type: type, Value: RECORD_SETS_PER_ZONE_MAX }, Count: zone.size };
  };
}
