/**
 * The stored form of a state machine. Each revision of a definition has a record of its own that is never changed:
 * an execution runs to its end by the definition it started with.
 */
import type { LoggingConfiguration, StateMachineType, TracingConfiguration } from '../../api/states.ts';
import { formatArn, type Scope } from '../../base/arn.ts';
import { key } from '../../storage/keys.ts';
import type { Key } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';

export interface MachineRecord extends Scope {
  readonly name: string;
  readonly type: StateMachineType;
  readonly roleArn: string;
  /** Names the record of the current definition. */
  readonly revisionId: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly loggingConfiguration: LoggingConfiguration;
  readonly tracingConfiguration: TracingConfiguration;
  readonly tags: Readonly<Record<string, string>>;
}

/** A definition as it was given, and what else an execution of it needs to know. */
export interface RevisionRecord {
  readonly revisionId: string;
  readonly roleArn: string;
  readonly createdAtMs: number;
}

export function machineArn(machine: Scope & { readonly name: string }): string {
  return formatArn('states', machine, `stateMachine:${machine.name}`);
}

export function machineKey(scope: Scope, name: string): Key {
  return key(KEYSPACE.stateMachine, scope.account, scope.region, name);
}

/** Of all revisions of a machine. */
export function revisionPrefix({ account, region }: Scope, name: string): Key {
  return key(KEYSPACE.stateMachineRevision, account, region, name);
}

export function revisionKey(scope: Scope, name: string, revisionId: string): Key {
  return revisionPrefix(scope, name) + key(revisionId);
}
