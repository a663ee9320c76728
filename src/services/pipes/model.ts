/** Between the members of the API and the pipes of the engine. */
import type {
  DescribePipeResponse,
  Pipe,
  PipeSourceParameters,
  PipeTargetParameters,
} from '../../api/pipes.ts';
import { pipeArn, type PipeRecord } from '../../engine/pipe/pipe-record.ts';
import type { Pipes } from '../../engine/pipe/pipes.ts';
import type { Call } from '../service.ts';
import { pipeNotFound } from './errors.ts';

export function requirePipe(pipes: Pipes, call: Call, name: string): PipeRecord {
  const pipe = pipes.get(call.scope, name);
  if (pipe === undefined) throw pipeNotFound(name);
  return pipe;
}

/** What every operation that changes a pipe answers. */
export function pipeSummary(pipe: PipeRecord) {
  return {
    Arn: pipeArn(pipe),
    Name: pipe.name,
    DesiredState: pipe.desiredState,
    CurrentState: pipe.currentState,
    CreationTime: pipe.createdAtMs,
    LastModifiedTime: pipe.modifiedAtMs,
  };
}

/** For operations whose answer cannot say DELETED. */
export function changedSummary(pipe: PipeRecord) {
  const { DesiredState, ...summary } = pipeSummary(pipe);
  return { ...summary, DesiredState: DesiredState === 'DELETED' ? ('STOPPED' as const) : DesiredState };
}

export function toListedPipe(pipe: PipeRecord): Pipe {
  const { source, target, enrichment } = pipe.definition;
  return {
    ...changedSummary(pipe),
    Source: source,
    Target: target,
    ...(enrichment ? { Enrichment: enrichment } : {}),
    ...(pipe.stateReason === undefined ? {} : { StateReason: pipe.stateReason }),
  };
}

export function toDescription(pipe: PipeRecord): DescribePipeResponse {
  const { definition } = pipe;
  return {
    ...pipeSummary(pipe),
    Source: definition.source,
    SourceParameters: describedSource(definition.sourceParameters),
    Target: definition.target,
    TargetParameters: describedTarget(definition.targetParameters),
    RoleArn: definition.roleArn,
    Tags: pipe.tags,
    Description: definition.description || undefined,
    Enrichment: definition.enrichment || undefined,
    EnrichmentParameters: definition.enrichmentParameters,
    KmsKeyIdentifier: definition.kmsKeyIdentifier || undefined,
    LogConfiguration: definition.logConfiguration,
    StateReason: pipe.stateReason,
  };
}

/** Defaults are described as the service does; empty filter criteria are none. */
function describedSource(parameters: PipeSourceParameters | undefined): PipeSourceParameters {
  const { FilterCriteria: criteria, SqsQueueParameters: queue } = parameters ?? {};
  return {
    SqsQueueParameters: {
      BatchSize: queue?.BatchSize ?? 10,
      MaximumBatchingWindowInSeconds: queue?.MaximumBatchingWindowInSeconds ?? 0,
    },
    ...(criteria?.Filters?.length ? { FilterCriteria: criteria } : {}),
  };
}

function describedTarget(parameters: PipeTargetParameters | undefined): PipeTargetParameters | undefined {
  if (parameters?.InputTemplate !== '') return parameters;
  const { InputTemplate: _, ...rest } = parameters;
  return rest;
}
