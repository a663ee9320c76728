/**
 * What a region says of the health that it sees and of what its DNS server answers, for `millrace region status` and
 * the health page. Peers are told with each sign of life, so it is short: operators look at these, programs ask
 * Route 53.
 */
import type { HealthCheckRecord } from './engine/dns/health-check-record.ts';
import type { HealthChecks } from './engine/dns/health-checks.ts';
import type { RecordSet } from './engine/dns/record-set.ts';
import type { Responder } from './engine/dns/responder.ts';
import type { Zones } from './engine/dns/zones.ts';
import type { Checkers } from './engine/health/checkers.ts';
import type { Installation } from './engine/region/ports.ts';

export interface DnsReportOptions {
  readonly installation: Installation;
  readonly zones: Zones;
  readonly healthChecks: HealthChecks;
  readonly health: Checkers;
  readonly responder: Responder;
}

interface CheckReport {
  /** What is looked at. */
  readonly endpoint: string;
  readonly isHealthy: boolean;
  /** The verdict of each region's checker that counts now. */
  readonly by: Readonly<Record<string, boolean>>;
}

/** Checks, and names, that are told of. */
const SHOWN_MAX = 20;

export function reportDns({ installation, zones, healthChecks, health, responder }: DnsReportOptions): void {
  installation.report('checks', () => {
    const checks = [...healthChecks.all()].slice(0, SHOWN_MAX);
    return nonEmpty(checks.map((check): [string, CheckReport] => [check.id, describe(check, health)]));
  });
  installation.report('answers', () => {
    const names = [...zones.all()].flatMap((zone) => failoverNames(zone.sorted())).slice(0, SHOWN_MAX);
    return nonEmpty(
      names.map(({ name, type }): [string, string] => {
        const { answers } = responder.respond({ name, type });
        return [name, answers.map(({ value }) => value).join(' ')];
      }),
    );
  });
}

function describe({ id, settings }: HealthCheckRecord, health: Checkers): CheckReport {
  const { type, ipAddress, domainName, port, resourcePath = '' } = settings;
  const host = ipAddress ?? domainName;
  const endpoint =
    host === undefined ? type : `${type} ${host}${port === undefined ? '' : `:${port}`}${resourcePath}`;
  return { endpoint, isHealthy: health.isHealthy(id), by: Object.fromEntries(health.verdicts(id)) };
}

/** Zones can be large, and are the same from one second to the next. */
const namesOfSets = new WeakMap<readonly RecordSet[], readonly RecordSet[]>();

function failoverNames(sets: readonly RecordSet[]): readonly RecordSet[] {
  let found = namesOfSets.get(sets);
  if (found === undefined) {
    found = sets.filter(({ routing }) => routing.kind === 'failover' && routing.role === 'PRIMARY');
    namesOfSets.set(sets, found.slice(0, SHOWN_MAX));
  }
  return found;
}

function nonEmpty<T>(entries: readonly (readonly [string, T])[]): Readonly<Record<string, T>> | undefined {
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
