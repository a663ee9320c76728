import type { TagResourceRequest } from '../../../api/logs.ts';
import { addTags, requireGroup } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LogsDependencies } from '../service.ts';

export function tagResource({ logs }: LogsDependencies): Handler<TagResourceRequest, void> {
  return (input, call) => {
    const { record } = requireGroup(logs, call, { logGroupIdentifier: input.resourceArn });
    const tags = addTags(record.tags, input.tags);
    call.turn((turn) => logs.putGroup(turn, { ...record, tags }));
  };
}
