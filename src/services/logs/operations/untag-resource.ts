import type { UntagResourceRequest } from '../../../api/logs.ts';
import { requireGroup } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import { withoutTags } from '../../tags.ts';
import type { LogsDependencies } from '../service.ts';

export function untagResource({ logs }: LogsDependencies): Handler<UntagResourceRequest, void> {
  return (input, call) => {
    const { record } = requireGroup(logs, call, { logGroupIdentifier: input.resourceArn });
    const tags = withoutTags(record.tags, input.tagKeys);
    call.turn((turn) => logs.putGroup(turn, { ...record, tags }));
  };
}
