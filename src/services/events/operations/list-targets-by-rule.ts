import type { ListTargetsByRuleRequest, ListTargetsByRuleResponse } from '../../../api/events.ts';
import type { Handler } from '../../service.ts';
import { paginate } from '../paginate.ts';
import { requireBus, requireRule } from '../resolve.ts';
import type { EventsDependencies } from '../service.ts';

export function listTargetsByRule({
  buses,
}: EventsDependencies): Handler<ListTargetsByRuleRequest, ListTargetsByRuleResponse> {
  return (input, call) => {
    const { targets } = requireRule(requireBus(buses, call, input.EventBusName), input.Rule).record;
    const sorted = targets.toSorted((a, b) => (a.Id < b.Id ? -1 : 1));
    const { items, next } = paginate(sorted, ({ Id: id }) => id, input);
    return { Targets: items, ...next };
  };
}
