import type { ListTagsForResourceRequest, ListTagsForResourceResponse } from '../../../api/route53.ts';
import { tagsOf, toTags } from '../tags.ts';
import type { Handler } from '../../service.ts';
import type { Route53Dependencies } from '../service.ts';

export function listTagsForResource(
  deps: Route53Dependencies,
): Handler<ListTagsForResourceRequest, ListTagsForResourceResponse> {
  return (input, call) => {
    const { ResourceType: type } = input;
    const { id, tags } = tagsOf(deps, call, { type, id: input.ResourceId });
    return { ResourceTagSet: { ResourceType: type, ResourceId: id, Tags: toTags(tags) } };
  };
}
