import type { UntagResourceRequest } from '../../../api/logs.ts';
import { removeTags, requireGroup } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LogsDependencies } from '../service.ts';

export function untagResource({ logs }: LogsDependencies): Handler<UntagResourceRequest, void> {
  return (input, call) => {
    const { record } = requireGroup(logs, call, { logGroupIdentifier: input.resourceArn });
    const tags = removeTags(record.tags, input.tagKeys);
    call.turn((turn) => logs.putGroup(turn, { ...record, tags }));
  };
}
