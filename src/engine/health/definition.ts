/** What is checked, and how often: the health checks of Route 53 as the checkers read them. */
import type { HealthCheckConfig } from '../../api/route53.ts';

/** AWS's; the tag `millrace:interval-ms` of a check sets a shorter one. */
export const REQUEST_INTERVAL_SECONDS_DEFAULT = 30;
export const FAILURE_THRESHOLD_DEFAULT = 3;
/** Below it a checker would mostly measure itself. */
const FAST_INTERVAL_MS_MIN = 100;

export interface HealthCheckDefinition {
  readonly id: string;
  /** Grows with each update: what was seen of an older version says nothing of this one. */
  readonly version: number;
  readonly config: HealthCheckConfig;
  /** Of the tag, where there is one. */
  readonly fastIntervalMs?: number | undefined;
}

/** Where the definitions are kept; every region has all of them. */
export interface HealthCheckSource {
  find(id: string): HealthCheckDefinition | undefined;
  list(): Iterable<HealthCheckDefinition>;
  /** Calls back with the id of each check that was made, changed or deleted. Answers the unsubscribe function. */
  onChange(subscriber: (id: string) => void): () => void;
}

/** How long the parts of a probe may take. */
export interface ProbeTimes {
  readonly connectMs: number;
  /** From the connection to the status line. */
  readonly responseMs: number;
  /** From the status line to what is searched. */
  readonly bodyMs: number;
}

/**
 * Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
 */
const AWS_TIMES: ProbeTimes = { connectMs: 4000, responseMs: 2000, bodyMs: 2000 };
const AWS_TCP_CONNECT_MS = 10_000;
const FAST_PART_MS_MIN = 250;

export function intervalMs({ config, fastIntervalMs }: HealthCheckDefinition): number {
  if (fastIntervalMs !== undefined) return Math.max(FAST_INTERVAL_MS_MIN, fastIntervalMs);
  return (config.RequestInterval ?? REQUEST_INTERVAL_SECONDS_DEFAULT) * 1000;
}

/** A fast check that took AWS's times would be no faster against a black hole. */
export function probeTimes(definition: HealthCheckDefinition): ProbeTimes {
  const isTcp = definition.config.Type === 'TCP';
  if (definition.fastIntervalMs === undefined) {
    return isTcp ? { ...AWS_TIMES, connectMs: AWS_TCP_CONNECT_MS } : AWS_TIMES;
  }
  const partMs = Math.max(FAST_PART_MS_MIN, Math.floor(intervalMs(definition) / 2));
  return { connectMs: partMs, responseMs: partMs, bodyMs: partMs };
}

/** Whether there is an endpoint to probe: other types are worked out from other checks. */
export function isProbed({ config }: HealthCheckDefinition): boolean {
  return config.Disabled !== true && PROBED_TYPES.has(config.Type);
}

const PROBED_TYPES: ReadonlySet<string> = new Set([
  'HTTP',
  'HTTPS',
  'HTTP_STR_MATCH',
  'HTTPS_STR_MATCH',
  'TCP',
]);
