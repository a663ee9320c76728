import type { SendTaskHeartbeatInput, SendTaskHeartbeatOutput } from '../../../api/states.ts';
import type { Handler } from '../../service.ts';
import type { StatesDependencies } from '../service.ts';

export function sendTaskHeartbeat({
  executions,
}: StatesDependencies): Handler<SendTaskHeartbeatInput, SendTaskHeartbeatOutput> {
  return ({ taskToken }, call) => {
    call.turn((turn) => executions.answerToken(turn, taskToken, { kind: 'task-heartbeat' }));
    return {};
  };
}
