/** What the regions have seen of a health check, as callers get it. */
import type { HealthCheckObservation } from '../../api/route53.ts';
import type { HealthObservation } from '../../engine/dns/health-check-record.ts';

export function toObservations(observations: readonly HealthObservation[]): HealthCheckObservation[] {
  return observations.map(({ region, ipAddress, status, checkedAtMs }) => ({
    // Any region of the installation, where AWS names one of its eight.
    Region: region as NonNullable<HealthCheckObservation['Region']>,
    IPAddress: ipAddress,
    StatusReport: { Status: status, CheckedTime: checkedAtMs },
  }));
}
