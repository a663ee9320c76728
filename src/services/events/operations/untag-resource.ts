import type { UntagResourceRequest, UntagResourceResponse } from '../../../api/events.ts';
import type { Handler } from '../../service.ts';
import { withoutTags } from '../../tags.ts';
import { requireResource, requireUnmanaged } from '../resolve.ts';
import type { EventsDependencies } from '../service.ts';

export function untagResource({
  buses,
}: EventsDependencies): Handler<UntagResourceRequest, UntagResourceResponse> {
  return (input, call) => {
    const { bus, rule } = requireResource(buses, call, input.ResourceARN);
    requireUnmanaged(rule);
    const tags = withoutTags((rule ?? bus).record.tags, input.TagKeys);
    call.turn((turn) => {
      if (rule === undefined) buses.update(turn, bus, { ...bus.record, tags });
      else buses.updateRule(turn, bus, rule, { tags });
    });
    return {};
  };
}
