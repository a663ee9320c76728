import type { DeleteRuleRequest } from '../../../api/events.ts';
import type { Handler } from '../../service.ts';
import { validationError } from '../errors.ts';
import { requireBus, requireUnmanaged } from '../resolve.ts';
import type { EventsDependencies } from '../service.ts';

/** Deleting a rule that does not exist succeeds. */
export function deleteRule({ buses }: EventsDependencies): Handler<DeleteRuleRequest, void> {
  return (input, call) => {
    const bus = requireBus(buses, call, input.EventBusName);
    const rule = bus.rule(input.Name);
    if (rule === undefined) return;
    requireUnmanaged(rule);
    if (rule.record.targets.length > 0) throw validationError("Rule can't be deleted since it has targets.");
    call.turn((turn) => buses.deleteRule(turn, bus, rule));
  };
}
