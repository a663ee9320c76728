import type { SendTaskFailureInput, SendTaskFailureOutput } from '../../../api/states.ts';
import type { Handler } from '../../service.ts';
import type { StatesDependencies } from '../service.ts';

export function sendTaskFailure({
  executions,
}: StatesDependencies): Handler<SendTaskFailureInput, SendTaskFailureOutput> {
  return ({ taskToken, error, cause }, call) => {
    const outcome = {
      kind: 'task-failed' as const,
      ...(error === undefined ? {} : { error }),
      ...(cause === undefined ? {} : { cause }),
    };
    call.turn((turn) => executions.answerToken(turn, taskToken, outcome));
    return {};
  };
}
