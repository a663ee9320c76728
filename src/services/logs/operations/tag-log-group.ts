import type { TagLogGroupRequest } from '../../../api/logs.ts';
import { addTags, requireGroup } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LogsDependencies } from '../service.ts';

export function tagLogGroup({ logs }: LogsDependencies): Handler<TagLogGroupRequest, void> {
  return (input, call) => {
    const { record } = requireGroup(logs, call, input);
    const tags = addTags(record.tags, input.tags);
    call.turn((turn) => logs.putGroup(turn, { ...record, tags }));
  };
}
