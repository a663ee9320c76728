import type { DescribePipeRequest, DescribePipeResponse } from '../../../api/pipes.ts';
import type { Handler } from '../../service.ts';
import { requirePipe, toDescription } from '../model.ts';
import type { PipesDependencies } from '../service.ts';

export function describePipe({
  pipes,
}: PipesDependencies): Handler<DescribePipeRequest, DescribePipeResponse> {
  return (input, call) => toDescription(requirePipe(pipes, call, input.Name));
}
