import type { ListRuleNamesByTargetRequest, ListRuleNamesByTargetResponse } from '../../../api/events.ts';
import type { Handler } from '../../service.ts';
import { paginate } from '../paginate.ts';
import { requireBus } from '../resolve.ts';
import type { EventsDependencies } from '../service.ts';

export function listRuleNamesByTarget({
  buses,
}: EventsDependencies): Handler<ListRuleNamesByTargetRequest, ListRuleNamesByTargetResponse> {
  return (input, call) => {
    const all = buses.rulesByTarget(requireBus(buses, call, input.EventBusName), input.TargetArn);
    const names = all.map(({ record }) => record.name);
    const { items, next } = paginate(names, (name) => name, input);
    return { RuleNames: items, ...next };
  };
}
