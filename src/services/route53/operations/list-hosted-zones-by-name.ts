import type { ListHostedZonesByNameRequest, ListHostedZonesByNameResponse } from '../../../api/route53.ts';
import { parseDomainName, sortKeyOf, toShownName } from '../../../engine/dns/domain-name.ts';
import type { KnownZone } from '../../../engine/dns/zones.ts';
import { bareId, toHostedZone } from '../entities.ts';
import { invalidDomainName } from '../errors.ts';
import { PAGE_ITEMS_MAX } from '../limits.ts';
import { paginate } from '../paginate.ts';
import type { Handler } from '../../service.ts';
import type { Route53Dependencies } from '../service.ts';

/** By name from the right, then by id: zones may have the same name. */
export function listHostedZonesByName(
  deps: Route53Dependencies,
): Handler<ListHostedZonesByNameRequest, ListHostedZonesByNameResponse> {
  return (input, call) => {
    const { DNSName: dnsName, HostedZoneId: zoneId, MaxItems: maxItems } = input;
    const from =
      dnsName === undefined ? '' : `${sortKeyOf(requireName(dnsName))}\u0000\u0000${bareId(zoneId ?? '')}`;
    const zones = deps.zones.list(call.scope.account);
    const { items, next, rest } = paginate(
      zones.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1)),
      { maxItems, countMax: PAGE_ITEMS_MAX },
      (zone) => placeOf(zone) >= from,
    );
    return {
      HostedZones: items.map(toHostedZone),
      ...(dnsName === undefined ? {} : { DNSName: dnsName }),
      ...(zoneId === undefined ? {} : { HostedZoneId: zoneId }),
      ...rest,
      ...(next === undefined
        ? {}
        : { NextDNSName: toShownName(next.record.name), NextHostedZoneId: next.record.id }),
    };
  };
}

function placeOf({ record }: KnownZone): string {
  return `${sortKeyOf(record.name)}\u0000\u0000${record.id}`;
}

function requireName(text: string): string {
  const name = parseDomainName(text);
  if (typeof name !== 'string') throw invalidDomainName();
  return name;
}
