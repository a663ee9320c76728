import type { CreateLogStreamRequest } from '../../../api/logs.ts';
import { streamAlreadyExists } from '../errors.ts';
import { requireGroup } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LogsDependencies } from '../service.ts';

export function createLogStream({ logs }: LogsDependencies): Handler<CreateLogStreamRequest, void> {
  return (input, call) => {
    const group = requireGroup(logs, call, input);
    if (group.streams.has(input.logStreamName)) throw streamAlreadyExists();
    call.turn((turn) => logs.createStream(turn, group, input.logStreamName));
  };
}
