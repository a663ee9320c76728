import type { UntagLogGroupRequest } from '../../../api/logs.ts';
import { requireGroup } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import { withoutTags } from '../../tags.ts';
import type { LogsDependencies } from '../service.ts';

export function untagLogGroup({ logs }: LogsDependencies): Handler<UntagLogGroupRequest, void> {
  return (input, call) => {
    const { record } = requireGroup(logs, call, input);
    const tags = withoutTags(record.tags, input.tags);
    call.turn((turn) => logs.putGroup(turn, { ...record, tags }));
  };
}
