import type { ListHostedZonesRequest, ListHostedZonesResponse } from '../../../api/route53.ts';
import { bareId, toHostedZone } from '../entities.ts';
import { noSuchDelegationSet } from '../errors.ts';
import { PAGE_ITEMS_MAX } from '../limits.ts';
import { markerOf, paginate } from '../paginate.ts';
import type { Handler } from '../../service.ts';
import type { Route53Dependencies } from '../service.ts';

/** By id. No zone is private, and none has a delegation set that could be named. */
export function listHostedZones(
  deps: Route53Dependencies,
): Handler<ListHostedZonesRequest, ListHostedZonesResponse> {
  return (input, call) => {
    const { Marker: marker, MaxItems: maxItems, DelegationSetId: delegationSetId } = input;
    if (delegationSetId) throw noSuchDelegationSet(bareId(delegationSetId));
    const all = input.HostedZoneType === 'PrivateHostedZone' ? [] : deps.zones.list(call.scope.account);
    const zones = all.toSorted((a, b) => (a.record.id < b.record.id ? -1 : 1));
    const { items, next, rest } = paginate(
      zones,
      { maxItems, countMax: PAGE_ITEMS_MAX },
      ({ record }) => record.id >= bareId(marker ?? ''),
    );
    return {
      HostedZones: items.map(toHostedZone),
      Marker: markerOf(marker),
      ...rest,
      ...(next === undefined ? {} : { NextMarker: next.record.id }),
    };
  };
}
