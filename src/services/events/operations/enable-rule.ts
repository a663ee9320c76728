import type { EnableRuleRequest } from '../../../api/events.ts';
import type { Handler } from '../../service.ts';
import { requireBus, requireOwnRule } from '../resolve.ts';
import type { EventsDependencies } from '../service.ts';

export function enableRule({ buses }: EventsDependencies): Handler<EnableRuleRequest, void> {
  return (input, call) => {
    const bus = requireBus(buses, call, input.EventBusName);
    const rule = requireOwnRule(bus, input.Name);
    const definition = { ...rule.record.definition, state: 'ENABLED' as const };
    call.turn((turn) => buses.updateRule(turn, bus, rule, { definition }));
  };
}
