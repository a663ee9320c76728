/** Between the members of the API and the workflows of the engine. */
import type { LoggingConfiguration, Tag } from '../../api/states.ts';
import { parseArn } from '../../base/arn.ts';
import { notImplementedError } from '../../base/errors.ts';
import type { Executions, FoundExecution } from '../../engine/workflow/executions.ts';
import { parseExecutionArn } from '../../engine/workflow/execution-record.ts';
import type { MachineRecord } from '../../engine/workflow/machine-record.ts';
import type { Machines } from '../../engine/workflow/machines.ts';
import { executionDoesNotExist, invalidArn, stateMachineDoesNotExist, tooManyTags } from './errors.ts';
import { TAGS_MAX } from './limits.ts';

export const DEFAULT_LOGGING: LoggingConfiguration = { level: 'OFF', includeExecutionData: false };

export function requireMachine(machines: Machines, arn: string): MachineRecord {
  const machine = machines.find(arn);
  if (machine !== undefined) return machine;
  const resource = parseArn(arn)?.resource;
  if (resource === undefined) throw invalidArn(`Invalid ARN prefix: ${arn}`);
  if (!resource.startsWith('stateMachine:')) {
    throw invalidArn(`Resource type not valid in this context: ${resource.split(':')[0]}`);
  }
  if (resource.split(':').length > 2) throw notImplementedError('A version or an alias of a state machine');
  throw stateMachineDoesNotExist(arn);
}

export function requireExecution(executions: Executions, arn: string): FoundExecution {
  const resource = parseArn(arn)?.resource;
  if (resource === undefined) throw invalidArn(`Invalid ARN prefix: ${arn}`);
  if (parseExecutionArn(arn) === undefined) {
    throw invalidArn(`Resource type not valid in this context: ${resource.split(':')[0]}`);
  }
  const execution = executions.find(arn);
  if (execution === undefined) throw executionDoesNotExist(arn);
  return execution;
}

export function toTags(tags: Readonly<Record<string, string>>): Tag[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}

export function applyTags(
  arn: string,
  before: MachineRecord['tags'],
  added: readonly Tag[] = [],
): MachineRecord['tags'] {
  const tags = { ...before, ...Object.fromEntries(added.map(({ key = '', value = '' }) => [key, value])) };
  if (Object.keys(tags).length > TAGS_MAX) throw tooManyTags(arn);
  return tags;
}

/** 0 counts as not given. */
export function pageSize(countMax: number | undefined, countDefault: number): number {
  return countMax || countDefault;
}
