/** Zones, changes and health checks by the ids that callers give, and as callers get them. */
import type { ChangeInfo, DelegationSet, HealthCheck, HostedZone } from '../../api/route53.ts';
import { randomText } from '../../base/ids.ts';
import type { HealthCheckRecord } from '../../engine/dns/health-check-record.ts';
import { toShownName } from '../../engine/dns/domain-name.ts';
import type { ChangeRecord } from '../../engine/dns/record-set.ts';
import type { KnownZone } from '../../engine/dns/zones.ts';
import type { Turn } from '../../engine/loop.ts';
import type { Call } from '../service.ts';
import { noSuchHealthCheck, noSuchHostedZone } from './errors.ts';
import { toConfig } from './health-check-config.ts';
import type { Route53Dependencies } from './service.ts';

/** 32 of the characters that AWS's ids are made of. */
const ID_ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUV';
const ID_LENGTH = 20;

export function newId(turn: Turn, prefix: 'Z' | 'C'): string {
  return prefix + randomText(turn.random, ID_LENGTH, ID_ALPHABET);
}

/** SDKs take the `/hostedzone/` away that answers put before an id; whoever does not means the same. */
export function bareId(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

export function requireZone({ zones }: Route53Dependencies, call: Call, id: string): KnownZone {
  const zone = zones.find(call.scope.account, bareId(id));
  if (zone === undefined) throw noSuchHostedZone(bareId(id));
  return zone;
}

export function requireHealthCheck(deps: Route53Dependencies, call: Call, id: string): HealthCheckRecord {
  const record = deps.healthChecks.find(id);
  if (record === undefined || record.account !== call.scope.account) throw noSuchHealthCheck(id);
  return record;
}

export function toHostedZone({ record, size }: KnownZone): HostedZone {
  return {
    Id: `/hostedzone/${record.id}`,
    Name: toShownName(record.name),
    CallerReference: record.callerReference,
    Config: {
      ...(record.comment === undefined ? {} : { Comment: record.comment }),
      PrivateZone: false,
    },
    ResourceRecordSetCount: size,
  };
}

export function toDelegationSet({ record }: KnownZone): DelegationSet {
  return { NameServers: record.nameServers };
}

/** Notes that something was changed, and answers what callers are told of it. */
export function recordChange(
  { zones }: Route53Dependencies,
  turn: Turn,
  { account, comment }: { readonly account: string; readonly comment?: string | undefined },
): ChangeInfo {
  const change: ChangeRecord = {
    account,
    id: newId(turn, 'C'),
    submittedAtMs: turn.now,
    ...(comment === undefined ? {} : { comment }),
  };
  zones.putChange(turn, change);
  return toChangeInfo(change);
}

export function toChangeInfo({ id, submittedAtMs, comment }: ChangeRecord): ChangeInfo {
  return {
    Id: `/change/${id}`,
    Status: 'INSYNC',
    SubmittedAt: submittedAtMs,
    ...(comment === undefined ? {} : { Comment: comment }),
  };
}

export function toHealthCheck({ id, callerReference, settings, version }: HealthCheckRecord): HealthCheck {
  return {
    Id: id,
    CallerReference: callerReference,
    HealthCheckConfig: toConfig(settings),
    HealthCheckVersion: version,
  };
}

/** Where a new thing is found from now on, as its caller reaches this place. */
export function locationOf({ scheme, host }: Call, path: string): string {
  return `${scheme}://${host}/2013-04-01/${path}`;
}
