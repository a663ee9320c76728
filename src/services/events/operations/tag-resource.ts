import type { TagResourceRequest, TagResourceResponse } from '../../../api/events.ts';
import type { Handler } from '../../service.ts';
import { requireResource, requireUnmanaged } from '../resolve.ts';
import type { EventsDependencies } from '../service.ts';
import { toTags } from '../tags.ts';

export function tagResource({ buses }: EventsDependencies): Handler<TagResourceRequest, TagResourceResponse> {
  return (input, call) => {
    const { bus, rule } = requireResource(buses, call, input.ResourceARN);
    requireUnmanaged(rule);
    const tags = toTags(input.Tags, (rule ?? bus).record.tags);
    call.turn((turn) => {
      if (rule === undefined) buses.update(turn, bus, { ...bus.record, tags });
      else buses.updateRule(turn, bus, rule, { tags });
    });
    return {};
  };
}
