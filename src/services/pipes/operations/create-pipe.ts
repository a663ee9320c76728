import type { CreatePipeRequest, CreatePipeResponse } from '../../../api/pipes.ts';
import { notImplementedError } from '../../../base/errors.ts';
import { compilePipe } from '../../../engine/pipe/compile.ts';
import type { PipeDefinition } from '../../../engine/pipe/pipe-record.ts';
import type { Handler } from '../../service.ts';
import { pipeExists, serviceQuotaExceeded } from '../errors.ts';
import { PIPES_MAX } from '../limits.ts';
import { changedSummary } from '../model.ts';
import type { PipesDependencies } from '../service.ts';

export function createPipe({ pipes }: PipesDependencies): Handler<CreatePipeRequest, CreatePipeResponse> {
  return (input, call) => {
    call.admit();
    const { Name: name, DesiredState: desiredState = 'RUNNING', Tags: tags = {} } = input;
    const definition = toDefinition(input);
    compilePipe(definition);
    if (pipes.get(call.scope, name) !== undefined) throw pipeExists(name);
    if (pipes.list(call.scope).length >= PIPES_MAX) throw serviceQuotaExceeded(call.scope.account);
    const pipe = call.turn((turn) =>
      pipes.create(turn, { ...call.scope, name, definition, desiredState, tags }),
    );
    return changedSummary(pipe);
  };
}

function toDefinition(input: CreatePipeRequest): PipeDefinition {
  if (input.LogConfiguration !== undefined)
    throw notImplementedError('The member LogConfiguration of a pipe');
  return {
    description: input.Description,
    roleArn: input.RoleArn,
    source: input.Source,
    sourceParameters: input.SourceParameters,
    enrichment: input.Enrichment,
    enrichmentParameters: input.EnrichmentParameters,
    target: input.Target,
    targetParameters: input.TargetParameters,
    logConfiguration: input.LogConfiguration,
    kmsKeyIdentifier: input.KmsKeyIdentifier,
  };
}
