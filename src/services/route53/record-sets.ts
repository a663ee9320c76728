/** Record sets as callers write and get them, and as they are kept. */
import type { Change, ResourceRecordSet } from '../../api/route53.ts';
import { notImplementedError } from '../../base/errors.ts';
import type { RecordSetChange } from '../../engine/dns/change-batch.ts';
import { parseDomainName, toShownName } from '../../engine/dns/domain-name.ts';
import type { Location, RecordSet, Routing } from '../../engine/dns/record-set.ts';
import { bareId } from './entities.ts';
import { invalidChangeBatch, invalidRequest } from './errors.ts';
import { allPlaces, isPlace } from './places.ts';

const MULTIVALUE_TYPES_NOT: ReadonlySet<string> = new Set(['NS', 'CNAME', 'SOA']);

/** A change as it is decided on. Throws `InvalidInput` for members that do not go together. */
export function parseChange({ Action: action, ResourceRecordSet: given }: Change): RecordSetChange {
  const at = `in Change with [Action=${action}, Name=${given.Name}, Type=${given.Type}, SetIdentifier=${given.SetIdentifier ?? null}]`;
  refuseNotBuilt(given);
  requireContent(given, at);
  const routing = parseRouting(given, at);
  const { AliasTarget: alias, TTL: ttl, HealthCheckId: healthCheckId, SetIdentifier: setIdentifier } = given;
  const set: RecordSet = {
    name: requireName(given.Name),
    type: given.Type,
    routing,
    values: (given.ResourceRecords ?? []).map(({ Value }) => Value),
    ...(setIdentifier === undefined ? {} : { setIdentifier }),
    ...(ttl === undefined ? {} : { ttlSeconds: ttl }),
    ...(alias === undefined
      ? {}
      : {
          alias: {
            zoneId: bareId(alias.HostedZoneId),
            name: requireName(alias.DNSName),
            evaluatesHealth: alias.EvaluateTargetHealth,
          },
        }),
    ...(healthCheckId === undefined ? {} : { healthCheckId }),
  };
  return { action, set };
}

function refuseNotBuilt(given: ResourceRecordSet): void {
  if (given.GeoProximityLocation !== undefined) throw notImplementedError('Geoproximity routing');
  if (given.CidrRoutingConfig !== undefined) throw notImplementedError('IP-based routing');
  if (given.TrafficPolicyInstanceId !== undefined) throw notImplementedError('A record of a traffic policy');
}

function requireContent(given: ResourceRecordSet, at: string): void {
  const { AliasTarget: alias, TTL: ttl, ResourceRecords: records } = given;
  const expected =
    'Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]';
  if (alias !== undefined && (ttl !== undefined || records !== undefined)) {
    throw invalidRequest(`${expected}, but found more than one ${at}`);
  }
  if (alias === undefined && (ttl === undefined || records === undefined)) {
    throw invalidRequest(`${expected}, but found none ${at}`);
  }
  if (alias !== undefined && (given.Type === 'NS' || given.Type === 'SOA')) {
    throw invalidRequest(`Unexpected field 'AliasTarget' ${at}`);
  }
}

function parseRouting(given: ResourceRecordSet, at: string): Routing {
  const found: Routing[] = [];
  if (given.Weight !== undefined) found.push({ kind: 'weighted', weight: given.Weight });
  if (given.Region !== undefined) found.push({ kind: 'latency', region: given.Region });
  if (given.Failover !== undefined) found.push({ kind: 'failover', role: given.Failover });
  if (given.GeoLocation !== undefined) {
    found.push({ kind: 'geolocation', location: parseLocation(given.GeoLocation, at) });
  }
  if (given.MultiValueAnswer === true) found.push({ kind: 'multivalue' });
  const expected = 'Expected exactly one of [Weight, Region, Failover, GeoLocation, or MultiValueAnswer]';
  const [routing, second] = found;
  if (second !== undefined) throw invalidRequest(`${expected}, but found more than one ${at}`);
  if (routing === undefined) {
    if (given.SetIdentifier !== undefined) throw invalidRequest(`${expected}, but found none ${at}`);
    return { kind: 'simple' };
  }
  if (given.SetIdentifier === undefined) throw invalidRequest(`Missing field 'SetIdentifier' ${at}`);
  if (
    given.Type === 'NS' ||
    given.Type === 'SOA' ||
    (routing.kind === 'multivalue' && MULTIVALUE_TYPES_NOT.has(given.Type))
  ) {
    throw invalidRequest(`Unexpected field 'SetIdentifier' ${at}`);
  }
  if (routing.kind === 'multivalue' && given.AliasTarget !== undefined) {
    throw invalidRequest(`Unexpected field 'AliasTarget' ${at}`);
  }
  return routing;
}

function parseLocation(given: NonNullable<ResourceRecordSet['GeoLocation']>, at: string): Location {
  const { ContinentCode: continent, CountryCode: country, SubdivisionCode: subdivision } = given;
  if ((continent === undefined) === (country === undefined)) {
    const found = continent === undefined ? 'none' : 'more than one';
    throw invalidRequest(`Expected exactly one of [ContinentCode, or CountryCode], but found ${found} ${at}`);
  }
  if (!allPlaces().some((place) => isPlace(place, { continent, country, subdivision }))) {
    const shown = `[ContinentCode=${continent ?? null}, CountryCode=${country ?? null}, SubdivisionCode=${subdivision ?? null}]`;
    throw invalidRequest(`Unknown GeoLocation ${shown} ${at}`);
  }
  return {
    ...(continent === undefined ? {} : { continent }),
    ...(country === undefined ? {} : { country }),
    ...(subdivision === undefined ? {} : { subdivision }),
  };
}

function requireName(text: string): string {
  const name = parseDomainName(text);
  if (typeof name === 'string') return name;
  throw invalidChangeBatch([`FATAL problem: ${name.problem} encountered with '${text}'`]);
}

/** A record set as callers get it. */
export function toResourceRecordSet(set: RecordSet): ResourceRecordSet {
  const { alias, setIdentifier, ttlSeconds, values, healthCheckId } = set;
  return {
    Name: toShownName(set.name),
    Type: set.type as ResourceRecordSet['Type'],
    ...(setIdentifier === undefined ? {} : { SetIdentifier: setIdentifier }),
    ...routingMembers(set.routing),
    ...(ttlSeconds === undefined ? {} : { TTL: ttlSeconds }),
    ...(alias === undefined
      ? { ResourceRecords: values.map((Value) => ({ Value })) }
      : {
          AliasTarget: {
            HostedZoneId: alias.zoneId,
            DNSName: toShownName(alias.name),
            EvaluateTargetHealth: alias.evaluatesHealth,
          },
        }),
    ...(healthCheckId === undefined ? {} : { HealthCheckId: healthCheckId }),
  };
}

function routingMembers(routing: Routing): Partial<ResourceRecordSet> {
  switch (routing.kind) {
    case 'simple':
      return {};
    case 'weighted':
      return { Weight: routing.weight };
    case 'latency':
      return { Region: routing.region as NonNullable<ResourceRecordSet['Region']> };
    case 'failover':
      return { Failover: routing.role };
    case 'multivalue':
      return { MultiValueAnswer: true };
    case 'geolocation': {
      const { continent, country, subdivision } = routing.location;
      return {
        GeoLocation: {
          ...(continent === undefined ? {} : { ContinentCode: continent }),
          ...(country === undefined ? {} : { CountryCode: country }),
          ...(subdivision === undefined ? {} : { SubdivisionCode: subdivision }),
        },
      };
    }
  }
}
