import type { CreateHostedZoneRequest, CreateHostedZoneResponse } from '../../../api/route53.ts';
import { randomBelow, type Random } from '../../../base/random.ts';
import { notImplementedError } from '../../../base/errors.ts';
import { parseDomainName } from '../../../engine/dns/domain-name.ts';
import type { RecordSet } from '../../../engine/dns/record-set.ts';
import { bareId, locationOf, newId, recordChange, toDelegationSet, toHostedZone } from '../entities.ts';
import { hostedZoneExists, invalidDomainName, noSuchDelegationSet, tooManyHostedZones } from '../errors.ts';
import { HOSTED_ZONES_MAX } from '../limits.ts';
import type { Handler } from '../../service.ts';
import type { Route53Dependencies } from '../service.ts';

/** What AWS gives the records of a new zone. */
const SOA_TTL_SECONDS = 900;
const NS_TTL_SECONDS = 172_800;
const SOA_NUMBERS = '1 7200 900 1209600 86400';
/** Each of the four lies in a domain of its own, so that no one registry can take a zone down. */
const SERVER_DOMAINS = ['com', 'net', 'org', 'co.uk'];
const SERVERS_PER_DOMAIN = 512;
const SERVER_GROUPS = 64;

export function createHostedZone(
  deps: Route53Dependencies,
): Handler<CreateHostedZoneRequest, CreateHostedZoneResponse> {
  return (input, call) => {
    const { account } = call.scope;
    if (input.VPC !== undefined || input.HostedZoneConfig?.PrivateZone === true) {
      throw notImplementedError('A private hosted zone');
    }
    if (input.DelegationSetId !== undefined) throw noSuchDelegationSet(bareId(input.DelegationSetId));
    const name = parseDomainName(input.Name);
    if (typeof name !== 'string') throw invalidDomainName();
    call.admit();
    const zones = deps.zones.list(account);
    if (zones.some(({ record }) => record.callerReference === input.CallerReference))
      throw hostedZoneExists();
    if (zones.length >= HOSTED_ZONES_MAX) throw tooManyHostedZones();
    const comment = input.HostedZoneConfig?.Comment;
    return call.turn((turn) => {
      const id = newId(turn, 'Z');
      const zone = deps.zones.put(turn, {
        account,
        id,
        name,
        callerReference: input.CallerReference,
        ...(comment === undefined ? {} : { comment }),
        createdAtMs: turn.now,
        nameServers: newNameServers(turn.random),
        tags: [],
      });
      deps.zones.change(turn, zone, { puts: apexSets(name, zone.record.nameServers), deletes: [] });
      return {
        HostedZone: toHostedZone(zone),
        ChangeInfo: recordChange(deps, turn, { account }),
        DelegationSet: toDelegationSet(zone),
        Location: locationOf(call, `hostedzone/${id}`),
      };
    });
  };
}

/** Names like those of AWS, which no zone of Millrace can have: its own name server answers at an address and port. */
function newNameServers(random: Random): string[] {
  return SERVER_DOMAINS.map((domain, index) => {
    const number = index * SERVERS_PER_DOMAIN + randomBelow(random, SERVERS_PER_DOMAIN);
    return `ns-${number}.awsdns-${String(number % SERVER_GROUPS).padStart(2, '0')}.${domain}`;
  });
}

function apexSets(name: string, nameServers: readonly string[]): RecordSet[] {
  const common = { name, routing: { kind: 'simple' } } as const;
  const soa = `${nameServers[0]}. awsdns-hostmaster.amazon.com. ${SOA_NUMBERS}`;
  return [
    { ...common, type: 'NS', ttlSeconds: NS_TTL_SECONDS, values: nameServers.map((server) => `${server}.`) },
    { ...common, type: 'SOA', ttlSeconds: SOA_TTL_SECONDS, values: [soa] },
  ];
}
