import type { PipeSourceParameters, UpdatePipeRequest, UpdatePipeResponse } from '../../../api/pipes.ts';
import { parseArn } from '../../../base/arn.ts';
import { notImplementedError } from '../../../base/errors.ts';
import { compilePipe } from '../../../engine/pipe/compile.ts';
import { pipeArn, type PipeDefinition, type PipeRecord } from '../../../engine/pipe/pipe-record.ts';
import type { Handler } from '../../service.ts';
import { changedSummary, requirePipe } from '../model.ts';
import { requireSettled } from '../require-settled.ts';
import type { PipesDependencies } from '../service.ts';

/**
 * A member that is left out stays as it is; an empty text clears it. Within SourceParameters, EnrichmentParameters and
 * TargetParameters a block for a service (such as SqsQueueParameters) is replaced as one.
 * Source: https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/API_UpdatePipe.html
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
  const before = definition;
  return {
    description: input.Description ?? before.description,
    roleArn: input.RoleArn,
    source: before.source,
    // What does not go with the source is refused when the definition is compiled.
    sourceParameters: merged(
      before.sourceParameters,
      input.SourceParameters as PipeSourceParameters | undefined,
    ),
    enrichment: input.Enrichment ?? before.enrichment,
    enrichmentParameters: merged(before.enrichmentParameters, input.EnrichmentParameters),
    target: input.Target ?? before.target,
    targetParameters: merged(
      // Parameters of another kind of target mean nothing to the new one.
      input.Target === undefined || isSameKind(input.Target, before.target)
        ? before.targetParameters
        : undefined,
      input.TargetParameters,
    ),
    kmsKeyIdentifier: input.KmsKeyIdentifier ?? before.kmsKeyIdentifier,
  };
}

function isSameKind(arn: string, other: string): boolean {
  return parseArn(arn)?.service === parseArn(other)?.service;
}

function merged<Parameters extends object>(
  before: Parameters | undefined,
  change: Parameters | undefined,
): Parameters | undefined {
  return before === undefined || change === undefined ? (change ?? before) : { ...before, ...change };
}
