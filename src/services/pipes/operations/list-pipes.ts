import type { ListPipesRequest, ListPipesResponse } from '../../../api/pipes.ts';
import type { PipeRecord } from '../../../engine/pipe/pipe-record.ts';
import type { Handler } from '../../service.ts';
import { validationException } from '../errors.ts';
import { LIST_RESULTS_DEFAULT } from '../limits.ts';
import { toListedPipe } from '../model.ts';
import { pageOf } from '../../page.ts';
import type { PipesDependencies } from '../service.ts';

export function listPipes({ pipes }: PipesDependencies): Handler<ListPipesRequest, ListPipesResponse> {
  return (input, call) => {
    const { page, nextToken } = pageOf(
      pipes.list(call.scope).filter((pipe) => isWanted(pipe, input)),
      {
        countMax: input.Limit ?? LIST_RESULTS_DEFAULT,
        token: input.NextToken,
        nameOf: ({ name }) => name,
        invalidToken: () => validationException('NextToken', 'The NextToken is not valid.'),
      },
    );
    return { Pipes: page.map(toListedPipe), ...(nextToken === undefined ? {} : { NextToken: nextToken }) };
  };
}

function isWanted(pipe: PipeRecord, input: ListPipesRequest): boolean {
  return (
    pipe.name.startsWith(input.NamePrefix ?? '') &&
    pipe.definition.source.startsWith(input.SourcePrefix ?? '') &&
    pipe.definition.target.startsWith(input.TargetPrefix ?? '') &&
    (input.DesiredState === undefined || pipe.desiredState === input.DesiredState) &&
    (input.CurrentState === undefined || pipe.currentState === input.CurrentState)
  );
}
