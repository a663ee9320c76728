import type { ListPipesRequest, ListPipesResponse } from '../../../api/pipes.ts';
import type { PipeRecord } from '../../../engine/pipe/pipe-record.ts';
import type { Handler } from '../../service.ts';
import { validationException } from '../errors.ts';
import { LIST_RESULTS_DEFAULT } from '../limits.ts';
import { toListedPipe } from '../model.ts';
import type { PipesDependencies } from '../service.ts';

export function listPipes({ pipes }: PipesDependencies): Handler<ListPipesRequest, ListPipesResponse> {
  return (input, call) => {
    const after = input.NextToken === undefined ? '' : decodeToken(input.NextToken);
    const rest = pipes.list(call.scope).filter((pipe) => pipe.name > after && isWanted(pipe, input));
    const page = rest.slice(0, input.Limit ?? LIST_RESULTS_DEFAULT);
    const last = page.at(-1);
    return {
      Pipes: page.map(toListedPipe),
      ...(last !== undefined && page.length < rest.length ? { NextToken: encodeToken(last.name) } : {}),
    };
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

/** A token is the last name of the page before, so that it stays good while pipes come and go. */
function encodeToken(name: string): string {
  return Buffer.from(name).toString('base64');
}

function decodeToken(token: string): string {
  const name = Buffer.from(token, 'base64').toString();
  if (encodeToken(name) !== token) throw validationException('NextToken', 'The NextToken is not valid.');
  return name;
}
