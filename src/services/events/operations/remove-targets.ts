import type { RemoveTargetsRequest, RemoveTargetsResponse } from '../../../api/events.ts';
import type { Handler } from '../../service.ts';
import { requireBus, requireOwnRule } from '../resolve.ts';
import type { EventsDependencies } from '../service.ts';

/** An id that the rule does not have is answered as a failed entry; the others are removed. */
export function removeTargets({
  buses,
}: EventsDependencies): Handler<RemoveTargetsRequest, RemoveTargetsResponse> {
  return (input, call) => {
    const bus = requireBus(buses, call, input.EventBusName);
    const rule = requireOwnRule(bus, input.Rule);
    const removed = new Set(input.Ids);
    const known = new Set(rule.record.targets.map(({ Id: id }) => id));
    const targets = rule.record.targets.filter(({ Id: id }) => !removed.has(id));
    call.turn((turn) => buses.updateRule(turn, bus, rule, { targets }));
    const failed = [...removed].filter((id) => !known.has(id));
    return {
      FailedEntryCount: failed.length,
      FailedEntries: failed.map((id) => ({
        TargetId: id,
        ErrorCode: 'ResourceNotFoundException',
        ErrorMessage: `Rule '${input.Rule}' does not have a target with the Id '${id}'.`,
      })),
    };
  };
}
