/** The children of calculated health checks. */
import type { HealthCheckSettings } from '../../engine/dns/health-check-record.ts';
import type { Call } from '../service.ts';
import { invalidParameter } from './errors.ts';
import type { Route53Dependencies } from './service.ts';

/** Children must be there, and none may depend on the check itself: `id` is absent for one that is being made. */
export function requireChildren(
  { healthChecks }: Route53Dependencies,
  call: Call,
  { settings, id }: { readonly settings: HealthCheckSettings; readonly id?: string },
): void {
  for (const child of settings.children ?? []) {
    if (healthChecks.find(child)?.account !== call.scope.account) {
      throw invalidParameter(`The child health check ${child} does not exist.`);
    }
  }
  const seen = new Set<string>();
  const waiting = [...(settings.children ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === id) throw invalidParameter('A calculated health check must not depend on itself.');
    if (seen.has(next)) continue;
    seen.add(next);
    waiting.push(...(healthChecks.find(next)?.settings.children ?? []));
  }
}
