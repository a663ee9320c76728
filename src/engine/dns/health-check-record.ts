/**
 * The stored form of health checks, and what is asked of those who perform them. A check is configured here; whether
 * its endpoint is healthy is found out elsewhere, in each region, and is never stored.
 */
import { key } from '../../storage/keys.ts';
import type { Key } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { TagRecord } from './record-set.ts';

export type HealthCheckType =
  | 'HTTP'
  | 'HTTPS'
  | 'HTTP_STR_MATCH'
  | 'HTTPS_STR_MATCH'
  | 'TCP'
  | 'CALCULATED'
  | 'CLOUDWATCH_METRIC';

export interface HealthCheckSettings {
  readonly type: HealthCheckType;
  /** Loopback and private addresses, too. Absent: the domain name is looked up. */
  readonly ipAddress?: string;
  readonly port?: number;
  readonly domainName?: string;
  /** With its slash; of HTTP and HTTPS alone. */
  readonly resourcePath?: string;
  /** Must be among the first 5,120 bytes of the body. */
  readonly searchString?: string;
  /** 10 or 30; of checks of an endpoint alone. */
  readonly requestIntervalSeconds?: number;
  /** Probes in a row that must say the same before the status changes: 1 to 10. */
  readonly failureThreshold?: number;
  readonly measuresLatency?: boolean;
  /** Healthy is unhealthy, and the other way round. */
  readonly isInverted: boolean;
  /** A disabled check counts as healthy, or as unhealthy when it is inverted. */
  readonly isDisabled: boolean;
  readonly sendsServerName?: boolean;
  /** Names of AWS regions that were asked for; probes come from the regions of the installation all the same. */
  readonly regions?: readonly string[];
  /** Of a calculated check: its children, and how many of them must be healthy. */
  readonly children?: readonly string[];
  readonly healthThreshold?: number;
  /** Of a check of an alarm. */
  readonly alarm?: { readonly region: string; readonly name: string };
  readonly withInsufficientData?: 'Healthy' | 'Unhealthy' | 'LastKnownStatus';
}

export interface HealthCheckRecord {
  readonly account: string;
  /** A UUID. */
  readonly id: string;
  readonly callerReference: string;
  /** Counts the updates, from 1. */
  readonly version: number;
  readonly createdAtMs: number;
  readonly settings: HealthCheckSettings;
  readonly tags: readonly TagRecord[];
}

/** The tag that makes a check faster than AWS lets it be. */
export const INTERVAL_TAG = 'millrace:interval-ms';
export const INTERVAL_MS_MIN = 100;
const INTERVAL_SECONDS_DEFAULT = 30;

/** The time from one probe of a check to the next. */
export function probeIntervalMs({ settings, tags }: HealthCheckRecord): number {
  const text = tags.find((tag) => tag.key === INTERVAL_TAG)?.value;
  const standardMs = (settings.requestIntervalSeconds ?? INTERVAL_SECONDS_DEFAULT) * 1000;
  return text === undefined ? standardMs : Math.max(INTERVAL_MS_MIN, Number(text));
}

/** What one region has last seen of a check. */
export interface HealthObservation {
  readonly region: string;
  /** Of the checker. */
  readonly ipAddress: string;
  /** `Success: HTTP Status Code 200, OK` or `Failure: ...`. */
  readonly status: string;
  readonly checkedAtMs: number;
}

/** What is known of the health of endpoints: what DNS answers follow, and what the API shows. */
export interface HealthView {
  /** By all votes that count now. A check that nobody knows, or has probed yet, is healthy. */
  isHealthy(healthCheckId: string): boolean;
  observations(healthCheckId: string): readonly HealthObservation[];
  /** The last failure that each region has seen. */
  lastFailures(healthCheckId: string): readonly HealthObservation[];
  /** Where probes come from, as CIDR blocks. */
  checkerRanges(): readonly string[];
}

export function healthCheckKey(account: string, id: string): Key {
  return key(KEYSPACE.healthCheck, account, id);
}
