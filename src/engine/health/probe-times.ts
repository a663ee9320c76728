/** How often an endpoint is looked at, and how long the parts of a look may take. */
import { type HealthCheckRecord, INTERVAL_TAG, probeIntervalMs } from '../dns/health-check-record.ts';

export const FAILURE_THRESHOLD_DEFAULT = 3;

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

/** A fast check that took AWS's times would be no faster against a black hole. */
export function probeTimes(check: HealthCheckRecord): ProbeTimes {
  if (check.tags.some(({ key }) => key === INTERVAL_TAG)) {
    const partMs = Math.max(FAST_PART_MS_MIN, Math.floor(probeIntervalMs(check) / 2));
    return { connectMs: partMs, responseMs: partMs, bodyMs: partMs };
  }
  return check.settings.type === 'TCP' ? { ...AWS_TIMES, connectMs: AWS_TCP_CONNECT_MS } : AWS_TIMES;
}

/** Whether there is an endpoint to look at: other types are worked out from other checks. */
export function isProbed({ settings }: HealthCheckRecord): boolean {
  return !settings.isDisabled && settings.type !== 'CALCULATED' && settings.type !== 'CLOUDWATCH_METRIC';
}
