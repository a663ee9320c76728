import type { PutTargetsRequest, PutTargetsResponse, Target } from '../../../api/events.ts';
import { compileInput } from '../../../engine/bus/rule.ts';
import { checkTarget } from '../../../engine/bus/targets/kinds.ts';
import type { Handler } from '../../service.ts';
import { limitExceeded } from '../errors.ts';
import { TARGETS_PER_RULE_MAX } from '../limits.ts';
import { requireBus, requireOwnRule } from '../resolve.ts';
import type { EventsDependencies } from '../service.ts';

/** Adds targets, or replaces those of the same id. What is refused is refused as a whole: nothing half-done stays. */
export function putTargets({ buses }: EventsDependencies): Handler<PutTargetsRequest, PutTargetsResponse> {
  return (input, call) => {
    call.admit();
    const bus = requireBus(buses, call, input.EventBusName);
    const rule = requireOwnRule(bus, input.Rule);
    for (const target of input.Targets) {
      checkTarget(buses.kinds, target, bus.record);
      compileInput(target);
    }
    const targets = merge(rule.record.targets, input.Targets);
    if (targets.length > TARGETS_PER_RULE_MAX) throw limitExceeded();
    call.turn((turn) => buses.updateRule(turn, bus, rule, { targets }));
    return { FailedEntryCount: 0, FailedEntries: [] };
  };
}

function merge(before: readonly Target[], given: readonly Target[]): Target[] {
  const byId = new Map(before.map((target) => [target.Id, target]));
  for (const target of given) byId.set(target.Id, target);
  return [...byId.values()];
}
