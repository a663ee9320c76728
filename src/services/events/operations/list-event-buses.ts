import type { ListEventBusesRequest, ListEventBusesResponse } from '../../../api/events.ts';
import type { Handler } from '../../service.ts';
import { describeBus } from '../describe.ts';
import { paginate } from '../paginate.ts';
import type { EventsDependencies } from '../service.ts';

export function listEventBuses({
  buses,
}: EventsDependencies): Handler<ListEventBusesRequest, ListEventBusesResponse> {
  return (input, call) => {
    const all = buses.list(call.scope, input.NamePrefix);
    const { items, next } = paginate(all, ({ record }) => record.name, input);
    return { EventBuses: items.map(describeBus), ...next };
  };
}
