import type { UntagResourceRequest, UntagResourceResponse } from '../../../api/events.ts';
import type { Handler } from '../../service.ts';
import { requireResource } from '../resolve.ts';
import type { EventsDependencies } from '../service.ts';

export function untagResource({
  buses,
}: EventsDependencies): Handler<UntagResourceRequest, UntagResourceResponse> {
  return (input, call) => {
    const { bus, rule } = requireResource(buses, call, input.ResourceARN);
    const removed = new Set(input.TagKeys);
    const before = Object.entries((rule ?? bus).record.tags);
    const tags = Object.fromEntries(before.filter(([name]) => !removed.has(name)));
    call.turn((turn) => {
      if (rule === undefined) buses.update(turn, bus, { ...bus.record, tags });
      else buses.updateRule(turn, bus, rule, { tags });
    });
    return {};
  };
}
