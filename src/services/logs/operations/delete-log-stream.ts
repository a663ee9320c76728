import type { DeleteLogStreamRequest } from '../../../api/logs.ts';
import { requireGroup, requireStream } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LogsDependencies } from '../service.ts';

export function deleteLogStream({ logs }: LogsDependencies): Handler<DeleteLogStreamRequest, void> {
  return (input, call) => {
    const group = requireGroup(logs, call, input);
    const { name } = requireStream(group, input.logStreamName);
    call.turn((turn) => logs.deleteStream(turn, group, name));
  };
}
