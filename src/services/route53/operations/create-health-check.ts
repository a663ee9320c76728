import type { CreateHealthCheckRequest, CreateHealthCheckResponse } from '../../../api/route53.ts';
import { uuid } from '../../../base/ids.ts';
import type { HealthCheckRecord } from '../../../engine/dns/health-check-record.ts';
import { locationOf, toHealthCheck } from '../entities.ts';
import { healthCheckExists, tooManyHealthChecks } from '../errors.ts';
import { parseConfig } from '../health-check-config.ts';
import { requireChildren } from '../children.ts';
import { HEALTH_CHECKS_MAX } from '../limits.ts';
import type { Call } from '../../service.ts';
import type { Handler } from '../../service.ts';
import type { Route53Dependencies } from '../service.ts';

/** The same reference with the same settings is the same health check. */
export function createHealthCheck(
  deps: Route53Dependencies,
): Handler<CreateHealthCheckRequest, CreateHealthCheckResponse> {
  return (input, call) => {
    const { account } = call.scope;
    const settings = parseConfig(input.HealthCheckConfig);
    const checks = deps.healthChecks.list(account);
    const known = checks.find(({ callerReference }) => callerReference === input.CallerReference);
    if (known !== undefined) {
      if (JSON.stringify(known.settings) !== JSON.stringify(settings)) throw healthCheckExists();
      return answer(call, known);
    }
    call.admit();
    if (checks.length >= HEALTH_CHECKS_MAX) throw tooManyHealthChecks();
    requireChildren(deps, call, { settings });
    const record = call.turn((turn): HealthCheckRecord => {
      const created = {
        account,
        id: uuid(turn.random),
        callerReference: input.CallerReference,
        version: 1,
        createdAtMs: turn.now,
        settings,
        tags: [],
      };
      deps.healthChecks.put(turn, created);
      return created;
    });
    return answer(call, record);
  };
}

function answer(call: Call, record: HealthCheckRecord): CreateHealthCheckResponse {
  return { HealthCheck: toHealthCheck(record), Location: locationOf(call, `healthcheck/${record.id}`) };
}
