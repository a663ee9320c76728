import type { DisableRuleRequest } from '../../../api/events.ts';
import type { Handler } from '../../service.ts';
import { requireBus, requireOwnRule } from '../resolve.ts';
import type { EventsDependencies } from '../service.ts';

export function disableRule({ buses }: EventsDependencies): Handler<DisableRuleRequest, void> {
  return (input, call) => {
    const bus = requireBus(buses, call, input.EventBusName);
    const rule = requireOwnRule(bus, input.Name);
    const definition = { ...rule.record.definition, state: 'DISABLED' as const };
    call.turn((turn) => buses.updateRule(turn, bus, rule, { definition }));
  };
}
