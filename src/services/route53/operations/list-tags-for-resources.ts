import type { ListTagsForResourcesRequest, ListTagsForResourcesResponse } from '../../../api/route53.ts';
import { tagsOf, toTags } from '../tags.ts';
import type { Handler } from '../../service.ts';
import type { Route53Dependencies } from '../service.ts';

export function listTagsForResources(
  deps: Route53Dependencies,
): Handler<ListTagsForResourcesRequest, ListTagsForResourcesResponse> {
  return ({ ResourceType: type, ResourceIds: ids }, call) => ({
    ResourceTagSets: ids.map((given) => {
      const { id, tags } = tagsOf(deps, call, { type, id: given });
      return { ResourceType: type, ResourceId: id, Tags: toTags(tags) };
    }),
  });
}
