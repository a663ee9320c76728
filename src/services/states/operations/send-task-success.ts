import type { SendTaskSuccessInput, SendTaskSuccessOutput } from '../../../api/states.ts';
import { errorMessage } from '../../../base/errors.ts';
import { parseJson } from '../../../base/json.ts';
import type { Handler } from '../../service.ts';
import { invalidOutput } from '../errors.ts';
import type { StatesDependencies } from '../service.ts';

export function sendTaskSuccess({
  executions,
}: StatesDependencies): Handler<SendTaskSuccessInput, SendTaskSuccessOutput> {
  return ({ taskToken, output }, call) => {
    // Recorded: a token that is none is refused before an output that is no JSON.
    executions.requireToken(taskToken);
    try {
      parseJson(output);
    } catch (error) {
      throw invalidOutput(errorMessage(error));
    }
    call.turn((turn) => executions.answerToken(turn, taskToken, { kind: 'task-succeeded', output }));
    return {};
  };
}
