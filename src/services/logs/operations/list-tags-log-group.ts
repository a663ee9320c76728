import type { ListTagsLogGroupRequest, ListTagsLogGroupResponse } from '../../../api/logs.ts';
import { requireGroup } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LogsDependencies } from '../service.ts';

export function listTagsLogGroup({
  logs,
}: LogsDependencies): Handler<ListTagsLogGroupRequest, ListTagsLogGroupResponse> {
  return (input, call) => ({ tags: requireGroup(logs, call, input).record.tags });
}
