/** The configuration of health checks, as callers write it and as it is kept; and which of it goes together. */
import type { HealthCheckConfig, UpdateHealthCheckRequest } from '../../api/route53.ts';
import { notImplementedError } from '../../base/errors.ts';
import type { HealthCheckSettings } from '../../engine/dns/health-check-record.ts';
import { invalidHostName, invalidParameter, tcpWithDomainName } from './errors.ts';

const FAILURE_THRESHOLD_DEFAULT = 3;
const INTERVAL_SECONDS_DEFAULT = 30;
const INTERVALS_SECONDS: ReadonlySet<number> = new Set([10, 30]);
const HTTP_PORT = 80;
const HTTPS_PORT = 443;

type Endpoint = 'HTTP' | 'HTTPS' | 'HTTP_STR_MATCH' | 'HTTPS_STR_MATCH' | 'TCP';

function isEndpointType(type: string): type is Endpoint {
  return type !== 'CALCULATED' && type !== 'CLOUDWATCH_METRIC';
}

/** The settings that a configuration says, with what holds where it says nothing. Throws `InvalidInput`. */
export function parseConfig(config: HealthCheckConfig): HealthCheckSettings {
  const type = config.Type;
  if (type === 'RECOVERY_CONTROL' || config.RoutingControlArn !== undefined) {
    throw notImplementedError('A health check of a routing control');
  }
  const common = { isInverted: config.Inverted ?? false, isDisabled: config.Disabled ?? false };
  if (isEndpointType(type)) return { type, ...common, ...endpointSettings(type, config) };
  refuseEndpoint(type, config);
  return type === 'CALCULATED'
    ? { type, ...common, ...calculatedSettings(config) }
    : { type, ...common, ...alarmSettings(config) };
}

function refuseEndpoint(type: string, config: HealthCheckConfig): void {
  const members = [
    'IPAddress',
    'Port',
    'FullyQualifiedDomainName',
    'ResourcePath',
    'SearchString',
    'RequestInterval',
    'FailureThreshold',
    'EnableSNI',
    'Regions',
  ] as const;
  const given = members.find((member) => config[member] !== undefined);
  if (given !== undefined) throw invalidParameter(`${type} health checks must not have ${given} specified.`);
}

function endpointSettings(type: Endpoint, config: HealthCheckConfig): Partial<HealthCheckSettings> {
  if (config.AlarmIdentifier !== undefined) {
    throw invalidParameter('Basic health checks must not have an metric region specified.');
  }
  if (config.ChildHealthChecks !== undefined || config.HealthThreshold !== undefined) {
    throw invalidParameter('Basic health checks must not have child health checks specified.');
  }
  requireEndpoint(type, config);
  const interval = config.RequestInterval ?? INTERVAL_SECONDS_DEFAULT;
  if (!INTERVALS_SECONDS.has(interval)) throw invalidParameter('RequestInterval must be 10 or 30.');
  const isHttps = type.startsWith('HTTPS');
  const port = config.Port ?? (type === 'TCP' ? undefined : isHttps ? HTTPS_PORT : HTTP_PORT);
  return defined({
    ipAddress: config.IPAddress,
    port,
    domainName: config.FullyQualifiedDomainName,
    resourcePath: config.ResourcePath,
    searchString: config.SearchString,
    requestIntervalSeconds: interval,
    failureThreshold: config.FailureThreshold ?? FAILURE_THRESHOLD_DEFAULT,
    measuresLatency: config.MeasureLatency ?? false,
    sendsServerName: config.EnableSNI ?? isHttps,
    regions: config.Regions,
  });
}

/** What `Host:` and a lookup can take: no scheme, no path, no port. */
const HOST_NAME = /^[A-Za-z0-9._-]+$/;

function requireEndpoint(type: Endpoint, config: HealthCheckConfig): void {
  const { IPAddress: ipAddress, FullyQualifiedDomainName: domainName } = config;
  if (!ipAddress && !domainName) {
    throw invalidParameter('Either IPAddress or FullyQualifiedDomainName must be specified.');
  }
  if (domainName && !HOST_NAME.test(domainName)) throw invalidHostName();
  if (type === 'TCP') {
    if (ipAddress && domainName) throw tcpWithDomainName();
    if (config.Port === undefined) throw invalidParameter('TCP health checks must have a port specified.');
    if (config.ResourcePath !== undefined) {
      throw invalidParameter('TCP health checks must not have a resource path specified.');
    }
  }
  if (type.endsWith('STR_MATCH')) {
    if (!config.SearchString)
      throw invalidParameter(`${type} health checks must have a search string specified.`);
  } else if (config.SearchString !== undefined) {
    throw invalidParameter(`${type} health checks must not have a search string specified.`);
  }
}

function calculatedSettings(config: HealthCheckConfig): Partial<HealthCheckSettings> {
  if (config.AlarmIdentifier !== undefined) {
    throw invalidParameter('CALCULATED health checks must not have an alarm specified.');
  }
  const children = config.ChildHealthChecks ?? [];
  if (new Set(children).size < children.length) {
    throw invalidParameter('ChildHealthChecks must not name a health check twice.');
  }
  // Without a threshold, all children must be healthy.
  return { children, healthThreshold: config.HealthThreshold ?? children.length };
}

function alarmSettings(config: HealthCheckConfig): Partial<HealthCheckSettings> {
  const { AlarmIdentifier: alarm } = config;
  if (alarm === undefined)
    throw invalidParameter('CLOUDWATCH_METRIC health checks must have an alarm specified.');
  return {
    alarm: { region: alarm.Region, name: alarm.Name },
    withInsufficientData: config.InsufficientDataHealthStatus ?? 'LastKnownStatus',
  };
}

/** A configuration with an update laid over it. What was never said is not made up: defaults come in parsing. */
export function updatedConfig(
  config: HealthCheckConfig,
  update: UpdateHealthCheckRequest,
): HealthCheckConfig {
  const { HealthCheckId: _id, HealthCheckVersion: _version, ResetElements = [], ...members } = update;
  const reset: ReadonlySet<string> = new Set(ResetElements);
  const kept = Object.entries(config).filter(([name]) => !reset.has(name));
  return { ...Object.fromEntries(kept), ...defined(members), Type: config.Type };
}

/** A configuration as callers get it, defaults and all. */
export function toConfig(settings: HealthCheckSettings): HealthCheckConfig {
  const { alarm } = settings;
  return {
    Type: settings.type,
    ...defined({
      IPAddress: settings.ipAddress,
      Port: settings.port,
      FullyQualifiedDomainName: settings.domainName,
      ResourcePath: settings.resourcePath,
      SearchString: settings.searchString,
      RequestInterval: settings.requestIntervalSeconds,
      FailureThreshold: settings.failureThreshold,
      MeasureLatency: settings.measuresLatency,
      EnableSNI: settings.sendsServerName,
      Regions: settings.regions as HealthCheckConfig['Regions'],
      Inverted: settings.isInverted,
      Disabled: settings.isDisabled,
      ChildHealthChecks: settings.children,
      HealthThreshold: settings.healthThreshold,
      AlarmIdentifier:
        alarm && ({ Region: alarm.region, Name: alarm.name } as HealthCheckConfig['AlarmIdentifier']),
      InsufficientDataHealthStatus: settings.withInsufficientData,
    }),
  };
}

/** The members that are there. */
function defined<Members extends object>(
  members: Members,
): { [Name in keyof Members]?: NonNullable<Members[Name]> } {
  const present = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as { [Name in keyof Members]?: NonNullable<Members[Name]> };
}
