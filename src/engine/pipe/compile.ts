/**
 * A pipe's definition compiled once: what is refused at CreatePipe and UpdatePipe is refused here, and what runs
 * per record is ready to run. What Millrace does not have yet is refused by name, never accepted and ignored.
 */
import type { PipeTargetParameters, PipeTargetSqsQueueParameters } from '../../api/pipes.ts';
import { parseArn } from '../../base/arn.ts';
import { AwsError, notImplementedError } from '../../base/errors.ts';
import { type CompiledPattern, compilePattern } from '../../lang/pattern/pattern.ts';
import { compilePipeParameter } from '../../lang/template/pipe-parameter.ts';
import { compilePipeTemplate, type PipeTemplate } from '../../lang/template/pipe-template.ts';
import type { PipeDefinition } from './pipe-record.ts';

export type TargetKind = 'function' | 'queue' | 'workflow' | 'bus';

export interface CompiledPipe {
  readonly batchSize: number;
  readonly windowMs: number;
  /** A record passes when one of them matches; with none at all, every record passes. */
  readonly filters: readonly CompiledPattern[];
  readonly enrichment:
    | { readonly functionArn: string; readonly template: PipeTemplate | undefined }
    | undefined;
  readonly target: {
    readonly kind: TargetKind;
    readonly arn: string;
    readonly template: PipeTemplate | undefined;
    readonly parameters: PipeTargetParameters;
    readonly isAsync: boolean;
  };
}

/** Records in one batch of a queue unless set; the most that may be set is in the API's model. */
const BATCH_SIZE_DEFAULT = 10;

const FIFO_BATCH_SIZE_MAX = 10;

/** Targets that take records one by one through their batch API take ten at a time. */
const BATCH_SIZE_MAX: Readonly<Record<TargetKind, number>> = {
  function: 10_000,
  workflow: 10_000,
  queue: 10,
  bus: 10,
};

export function compilePipe(definition: PipeDefinition): CompiledPipe {
  const target = compileTarget(definition);
  const { batchSize, windowMs } = compileSource(definition);
  if (definition.source.endsWith('.fifo')) requireFifoSource(batchSize, windowMs);
  const batchSizeMax = BATCH_SIZE_MAX[target.kind];
  if (batchSize > batchSizeMax) {
    throw invalid(
      'SourceParameters.SqsQueueParameters.BatchSize',
      `BatchSize must not exceed ${batchSizeMax} for this target.`,
    );
  }
  const filters = definition.sourceParameters?.FilterCriteria?.Filters ?? [];
  return {
    batchSize,
    windowMs,
    filters: filters.map(({ Pattern: pattern = '{}' }) => compileFilter(pattern)),
    enrichment: compileEnrichment(definition),
    target,
  };
}

function compileFilter(pattern: string): CompiledPattern {
  try {
    return compilePattern(pattern);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw invalid('SourceParameters.FilterCriteria', error.message);
  }
}

function compileSource({ source, sourceParameters }: PipeDefinition): {
  batchSize: number;
  windowMs: number;
} {
  const service = parseArn(source)?.service;
  if (service === undefined) throw invalid('Source', `Source ${source} is not valid.`);
  if (service !== 'sqs') throw notImplementedError(`A pipe with the source ${service}`);
  const { BatchSize: batchSize = BATCH_SIZE_DEFAULT, MaximumBatchingWindowInSeconds: windowSeconds = 0 } =
    sourceParameters?.SqsQueueParameters ?? {};
  for (const name of Object.keys(sourceParameters ?? {})) {
    if (name !== 'SqsQueueParameters' && name !== 'FilterCriteria') {
      throw invalid(`SourceParameters.${name}`, `${name} does not go with a source of the type SQS.`);
    }
  }
  return { batchSize, windowMs: windowSeconds * 1000 };
}

/** A window would hold groups up; a batch larger than a receive needs one. */
function requireFifoSource(batchSize: number, windowMs: number): void {
  const refuse = (name: string, message: string): AwsError =>
    invalid(`SourceParameters.SqsQueueParameters.${name}`, message);
  if (batchSize > FIFO_BATCH_SIZE_MAX) {
    throw refuse('BatchSize', `BatchSize must not exceed ${FIFO_BATCH_SIZE_MAX} for FIFO queues.`);
  }
  if (windowMs > 0) {
    throw refuse(
      'MaximumBatchingWindowInSeconds',
      'MaximumBatchingWindowInSeconds is not supported for FIFO queues.',
    );
  }
}

function compileEnrichment({ enrichment, enrichmentParameters }: PipeDefinition): CompiledPipe['enrichment'] {
  if (!enrichment) return undefined;
  const service = parseArn(enrichment)?.service;
  if (service === undefined) throw invalid('Enrichment', `Enrichment ${enrichment} is not valid.`);
  if (service !== 'lambda') throw notImplementedError(`A pipe with an enrichment of the type ${service}`);
  if (enrichmentParameters?.HttpParameters !== undefined) {
    throw invalid(
      'EnrichmentParameters.HttpParameters',
      'HttpParameters does not go with an enrichment of the type Lambda.',
    );
  }
  return { functionArn: enrichment, template: compileTemplate(enrichmentParameters?.InputTemplate) };
}

/** An empty template is none: Terraform clears one so. */
function compileTemplate(template: string | undefined): PipeTemplate | undefined {
  return template ? compilePipeTemplate(template) : undefined;
}

/** The parameters that each kind of target takes besides InputTemplate. */
const TARGET_PARAMETERS: Readonly<Record<TargetKind, keyof PipeTargetParameters>> = {
  function: 'LambdaFunctionParameters',
  queue: 'SqsQueueParameters',
  workflow: 'StepFunctionStateMachineParameters',
  bus: 'EventBridgeEventBusParameters',
};

function compileTarget({ target: arn, targetParameters = {} }: PipeDefinition): CompiledPipe['target'] {
  const kind = targetKind(arn);
  for (const name of Object.keys(targetParameters)) {
    if (name !== 'InputTemplate' && name !== TARGET_PARAMETERS[kind]) {
      throw invalid(`TargetParameters.${name}`, `${name} does not go with the target ${arn}.`);
    }
  }
  const invocationType =
    targetParameters.LambdaFunctionParameters?.InvocationType ??
    targetParameters.StepFunctionStateMachineParameters?.InvocationType;
  if (kind === 'workflow' && invocationType !== 'FIRE_AND_FORGET') {
    throw invalid(
      'TargetParameters.StepFunctionStateMachineParameters.InvocationType',
      'InvocationType REQUEST_RESPONSE is not supported for state machines of the type STANDARD; use FIRE_AND_FORGET.',
    );
  }
  if (kind === 'queue') requireQueueParameters(arn, targetParameters.SqsQueueParameters ?? {});
  if (targetParameters.EventBridgeEventBusParameters?.EndpointId !== undefined) {
    throw notImplementedError('TargetParameters.EventBridgeEventBusParameters.EndpointId');
  }
  return {
    kind,
    arn,
    template: compileTemplate(targetParameters.InputTemplate),
    parameters: targetParameters,
    isAsync: invocationType === 'FIRE_AND_FORGET',
  };
}

function requireQueueParameters(arn: string, parameters: PipeTargetSqsQueueParameters): void {
  const { MessageGroupId: groupId, MessageDeduplicationId: deduplicationId } = parameters;
  const refuse = (name: string, message: string): AwsError =>
    invalid(`TargetParameters.SqsQueueParameters.${name}`, message);
  if (arn.endsWith('.fifo')) {
    if (groupId === undefined) throw refuse('MessageGroupId', 'MessageGroupId is required for FIFO queues.');
    // Malformed paths are refused now, not when the first record comes.
    compilePipeParameter(groupId);
    if (deduplicationId !== undefined) compilePipeParameter(deduplicationId);
    return;
  }
  if (groupId !== undefined) throw notImplementedError('The parameter MessageGroupId on standard queues');
  if (deduplicationId !== undefined) {
    throw refuse('MessageDeduplicationId', 'MessageDeduplicationId is only supported for FIFO queues.');
  }
}

function targetKind(arn: string): TargetKind {
  const parsed = parseArn(arn);
  if (parsed === undefined) throw invalid('Target', `Target ${arn} is not valid.`);
  if (parsed.service === 'lambda') return 'function';
  if (parsed.service === 'sqs') return 'queue';
  if (parsed.service === 'states') return 'workflow';
  if (parsed.service === 'events' && parsed.resource.startsWith('event-bus/')) return 'bus';
  throw notImplementedError(`A pipe with a target of the type ${parsed.service}`);
}

function invalid(name: string, message: string): AwsError {
  return new AwsError('ValidationException', message, { members: { fieldList: [{ name, message }] } });
}
