import type { UpdateHealthCheckRequest, UpdateHealthCheckResponse } from '../../../api/route53.ts';
import { requireChildren } from '../children.ts';
import { requireHealthCheck, toHealthCheck } from '../entities.ts';
import { healthCheckVersionMismatch } from '../errors.ts';
import { parseConfig, toConfig, updatedConfig } from '../health-check-config.ts';
import type { Handler } from '../../service.ts';
import type { Route53Dependencies } from '../service.ts';

export function updateHealthCheck(
  deps: Route53Dependencies,
): Handler<UpdateHealthCheckRequest, UpdateHealthCheckResponse> {
  return (input, call) => {
    const record = requireHealthCheck(deps, call, input.HealthCheckId);
    const { HealthCheckVersion: version } = input;
    if (version !== undefined && version !== record.version) throw healthCheckVersionMismatch();
    const settings = parseConfig(updatedConfig(toConfig(record.settings), input));
    requireChildren(deps, call, { settings, id: record.id });
    call.admit();
    const updated = { ...record, settings, version: record.version + 1 };
    call.turn((turn) => deps.healthChecks.put(turn, updated));
    return { HealthCheck: toHealthCheck(updated) };
  };
}
