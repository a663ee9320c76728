/** The stored form of a pipe: its definition as the API gave it, and where its life stands. */
import type {
  PipeEnrichmentParameters,
  PipeLogConfigurationParameters,
  PipeSourceParameters,
  PipeState,
  PipeTargetParameters,
} from '../../api/pipes.ts';
import { formatArn, type Scope } from '../../base/arn.ts';
import { key } from '../../storage/keys.ts';
import type { Key } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';

/** What CreatePipe and UpdatePipe set; members are those of the API, in its shape. */
export interface PipeDefinition {
  readonly description?: string | undefined;
  readonly roleArn: string;
  readonly source: string;
  readonly sourceParameters?: PipeSourceParameters | undefined;
  readonly enrichment?: string | undefined;
  readonly enrichmentParameters?: PipeEnrichmentParameters | undefined;
  readonly target: string;
  readonly targetParameters?: PipeTargetParameters | undefined;
  readonly logConfiguration?: PipeLogConfigurationParameters | undefined;
  readonly kmsKeyIdentifier?: string | undefined;
}

export interface PipeRecord extends Scope {
  readonly name: string;
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
  readonly desiredState: 'RUNNING' | 'STOPPED' | 'DELETED';
  readonly currentState: PipeState;
  readonly stateReason?: string;
  readonly definition: PipeDefinition;
  readonly tags: Readonly<Record<string, string>>;
}

export function pipeKey(scope: Scope, name: string): Key {
  return key(KEYSPACE.pipe, scope.account, scope.region, name);
}

export function pipeArn(pipe: Scope & { readonly name: string }): string {
  return formatArn('pipes', pipe, `pipe/${pipe.name}`);
}
