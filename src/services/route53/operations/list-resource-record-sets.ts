import type { ListResourceRecordSetsRequest, ListResourceRecordSetsResponse } from '../../../api/route53.ts';
import { parseDomainName, toShownName } from '../../../engine/dns/domain-name.ts';
import { listKeyOf } from '../../../engine/dns/zone.ts';
import { requireZone } from '../entities.ts';
import { identifierWithoutType, invalidDomainName, typeWithoutName } from '../errors.ts';
import { RECORD_SETS_PAGE_MAX } from '../limits.ts';
import { paginate } from '../paginate.ts';
import { toResourceRecordSet } from '../record-sets.ts';
import type { Handler } from '../../service.ts';
import type { Route53Dependencies } from '../service.ts';

export function listResourceRecordSets(
  deps: Route53Dependencies,
): Handler<ListResourceRecordSetsRequest, ListResourceRecordSetsResponse> {
  return (input, call) => {
    const zone = requireZone(deps, call, input.HostedZoneId);
    const from = startOf(input);
    const { items, next, rest } = paginate(
      zone.sorted(),
      { maxItems: input.MaxItems, countMax: RECORD_SETS_PAGE_MAX },
      (set) => listKeyOf(set.name, set.type, set.setIdentifier) >= from,
    );
    return {
      ResourceRecordSets: items.map(toResourceRecordSet),
      ...rest,
      ...(next === undefined
        ? {}
        : {
            NextRecordName: toShownName(next.name),
            NextRecordType: next.type as NonNullable<ListResourceRecordSetsResponse['NextRecordType']>,
            ...(next.setIdentifier === undefined ? {} : { NextRecordIdentifier: next.setIdentifier }),
          }),
    };
  };
}

/** The place in the list from which on record sets are shown. */
function startOf(input: ListResourceRecordSetsRequest): string {
  const { StartRecordName: text, StartRecordType: type, StartRecordIdentifier: identifier } = input;
  if (identifier !== undefined && type === undefined) throw identifierWithoutType();
  if (text === undefined) {
    if (type !== undefined) throw typeWithoutName();
    return '';
  }
  const name = parseDomainName(text);
  if (typeof name !== 'string') throw invalidDomainName();
  return listKeyOf(name, type, identifier);
}
