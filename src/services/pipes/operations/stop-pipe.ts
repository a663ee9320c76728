import type { StopPipeRequest, StopPipeResponse } from '../../../api/pipes.ts';
import { pipeArn } from '../../../engine/pipe/pipe-record.ts';
import type { Handler } from '../../service.ts';
import { changedSummary, requirePipe } from '../model.ts';
import { requireSettled } from '../require-settled.ts';
import type { PipesDependencies } from '../service.ts';

export function stopPipe({ pipes }: PipesDependencies): Handler<StopPipeRequest, StopPipeResponse> {
  return (input, call) => {
    const pipe = requirePipe(pipes, call, input.Name);
    if (pipe.currentState === 'STOPPED') return changedSummary(pipe);
    requireSettled(pipe);
    return changedSummary(call.turn((turn) => pipes.setDesiredState(turn, pipeArn(pipe), 'STOPPED')));
  };
}
