import type { DeletePipeRequest, DeletePipeResponse } from '../../../api/pipes.ts';
import { pipeArn } from '../../../engine/pipe/pipe-record.ts';
import type { Handler } from '../../service.ts';
import { pipeSummary, requirePipe } from '../model.ts';
import type { PipesDependencies } from '../service.ts';

export function deletePipe({ pipes }: PipesDependencies): Handler<DeletePipeRequest, DeletePipeResponse> {
  return (input, call) => {
    const pipe = requirePipe(pipes, call, input.Name);
    if (pipe.currentState === 'DELETING') return pipeSummary(pipe);
    return pipeSummary(call.turn((turn) => pipes.setDesiredState(turn, pipeArn(pipe), 'DELETED')));
  };
}
