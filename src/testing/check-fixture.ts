/** Health checks as they are stored, for tests that say only what matters to them. */
import type { HealthCheckRecord, HealthCheckSettings } from '../engine/dns/health-check-record.ts';

/** A check of an endpoint over HTTP, unless `settings` says otherwise. */
export function checkRecord(id: string, settings: Partial<HealthCheckSettings> = {}): HealthCheckRecord {
  return {
    account: '000000000000',
    id,
    callerReference: id,
    version: 1,
    createdAtMs: 0,
    settings: { type: 'HTTP', isInverted: false, isDisabled: false, ...settings },
    tags: [],
  };
}
