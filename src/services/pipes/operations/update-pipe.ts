import type { PipeSourceParameters, UpdatePipeRequest, UpdatePipeResponse } from '../../../api/pipes.ts';
import { notImplementedError } from '../../../base/errors.ts';
import { compilePipe } from '../../../engine/pipe/compile.ts';
import { pipeArn, type PipeDefinition, type PipeRecord } from '../../../engine/pipe/pipe-record.ts';
import type { Handler } from '../../service.ts';
import { changedSummary, requirePipe } from '../model.ts';
import { requireSettled } from '../require-settled.ts';
import type { PipesDependencies } from '../service.ts';

/**
 * Replaces what may be replaced: a member that is left out is cleared, as Terraform relies on, except for the
 * source (it has no member here), its parameters and the target, which a pipe cannot be without.
 */
export function updatePipe({ pipes }: PipesDependencies): Handler<UpdatePipeRequest, UpdatePipeResponse> {
  return (input, call) => {
    call.admit();
    const pipe = requirePipe(pipes, call, input.Name);
    requireSettled(pipe);
    const definition = updatedDefinition(pipe, input);
    compilePipe(definition);
    const desiredState = input.DesiredState ?? (pipe.desiredState === 'STOPPED' ? 'STOPPED' : 'RUNNING');
    const updated = call.turn((turn) => pipes.update(turn, pipeArn(pipe), { definition, desiredState }));
    return changedSummary(updated);
  };
}

function updatedDefinition({ definition }: PipeRecord, input: UpdatePipeRequest): PipeDefinition {
  if (input.LogConfiguration !== undefined)
    throw notImplementedError('The member LogConfiguration of a pipe');
  return {
    description: input.Description,
    roleArn: input.RoleArn,
    source: definition.source,
    // What does not go with the source is refused when the definition is compiled.
    sourceParameters:
      (input.SourceParameters as PipeSourceParameters | undefined) ?? definition.sourceParameters,
    enrichment: input.Enrichment,
    enrichmentParameters: input.EnrichmentParameters,
    target: input.Target ?? definition.target,
    targetParameters: input.TargetParameters,
    kmsKeyIdentifier: input.KmsKeyIdentifier,
  };
}
