import type { ChangeTagsForResourceRequest, ChangeTagsForResourceResponse } from '../../../api/route53.ts';
import { requireHealthCheck, requireZone } from '../entities.ts';
import { changeTags, requireInterval } from '../tags.ts';
import type { Handler } from '../../service.ts';
import type { Route53Dependencies } from '../service.ts';

export function changeTagsForResource(
  deps: Route53Dependencies,
): Handler<ChangeTagsForResourceRequest, ChangeTagsForResourceResponse> {
  return (input, call) => {
    const { ResourceType: type, ResourceId: id } = input;
    const change = { added: input.AddTags ?? [], removed: input.RemoveTagKeys ?? [] };
    if (change.added.length > 0) call.admit();
    if (type === 'healthcheck') {
      const record = requireHealthCheck(deps, call, id);
      const tags = changeTags(record.tags, change);
      requireInterval(tags);
      call.turn((turn) => deps.healthChecks.put(turn, { ...record, tags }));
      return {};
    }
    const { record } = requireZone(deps, call, id);
    const tags = changeTags(record.tags, change);
    call.turn((turn) => deps.zones.put(turn, { ...record, tags }));
    return {};
  };
}
