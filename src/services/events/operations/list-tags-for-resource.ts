import type { ListTagsForResourceRequest, ListTagsForResourceResponse } from '../../../api/events.ts';
import type { Handler } from '../../service.ts';
import { requireResource } from '../resolve.ts';
import type { EventsDependencies } from '../service.ts';
import { fromTags } from '../tags.ts';

export function listTagsForResource({
  buses,
}: EventsDependencies): Handler<ListTagsForResourceRequest, ListTagsForResourceResponse> {
  return (input, call) => {
    const { bus, rule } = requireResource(buses, call, input.ResourceARN);
    return { Tags: fromTags((rule ?? bus).record.tags) };
  };
}
