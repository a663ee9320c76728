import type { ListTagsForResourceRequest, ListTagsForResourceResponse } from '../../../api/logs.ts';
import { requireGroup } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LogsDependencies } from '../service.ts';

export function listTagsForResource({
  logs,
}: LogsDependencies): Handler<ListTagsForResourceRequest, ListTagsForResourceResponse> {
  return (input, call) => {
    return { tags: requireGroup(logs, call, { logGroupIdentifier: input.resourceArn }).record.tags };
  };
}
