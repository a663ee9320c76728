import type { StartPipeRequest, StartPipeResponse } from '../../../api/pipes.ts';
import { pipeArn } from '../../../engine/pipe/pipe-record.ts';
import type { Handler } from '../../service.ts';
import { changedSummary, requirePipe } from '../model.ts';
import { requireSettled } from '../require-settled.ts';
import type { PipesDependencies } from '../service.ts';

export function startPipe({ pipes }: PipesDependencies): Handler<StartPipeRequest, StartPipeResponse> {
  return (input, call) => {
    const pipe = requirePipe(pipes, call, input.Name);
    if (pipe.currentState === 'RUNNING') return changedSummary(pipe);
    requireSettled(pipe);
    return changedSummary(call.turn((turn) => pipes.setDesiredState(turn, pipeArn(pipe), 'RUNNING')));
  };
}
