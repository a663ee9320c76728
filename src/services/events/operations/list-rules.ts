import type { ListRulesRequest, ListRulesResponse } from '../../../api/events.ts';
import type { Handler } from '../../service.ts';
import { describeRule } from '../describe.ts';
import { paginate } from '../paginate.ts';
import { requireBus } from '../resolve.ts';
import type { EventsDependencies } from '../service.ts';

export function listRules({ buses }: EventsDependencies): Handler<ListRulesRequest, ListRulesResponse> {
  return (input, call) => {
    const all = requireBus(buses, call, input.EventBusName).rules(input.NamePrefix);
    const { items, next } = paginate(all, ({ record }) => record.name, input);
    return { Rules: items.map(describeRule), ...next };
  };
}
