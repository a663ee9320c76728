/** Functions, versions and aliases as the API describes them. */
import type {
  AliasConfiguration,
  Architecture,
  FunctionConfiguration,
  Runtime,
  TracingMode,
} from '../../api/lambda.ts';
import { formatIsoMs } from '../../base/clock.ts';
import {
  type FunctionAlias,
  functionArn,
  type FunctionRecord,
  type FunctionVersion,
} from '../../engine/function/function-record.ts';

/** Where a function is on its way: it is ready when the call that changed it answers, but AWS first says otherwise. */
export type DescribedState = 'creating' | 'updating' | 'active' | 'listed';

const CREATING = 'The function is being created.';

/** Waiters of clients expect these to change from one call to the next; lists leave them out. */
function stateMembers(state: DescribedState): FunctionConfiguration {
  switch (state) {
    case 'creating':
      return {
        State: 'Pending',
        StateReason: CREATING,
        StateReasonCode: 'Creating',
      };
    case 'updating':
      return {
        State: 'Active',
        LastUpdateStatus: 'InProgress',
        LastUpdateStatusReason: CREATING,
      };
    case 'active':
      return { State: 'Active', LastUpdateStatus: 'Successful' };
    case 'listed':
      return {};
  }
}

/** `qualifier` is what the ARN ends with; the unqualified function has none. */
export function describeVersion(
  record: FunctionRecord,
  { version, config, code, revisionId, modifiedAtMs }: FunctionVersion,
  {
    qualifier,
    state = 'active',
  }: { readonly qualifier?: string | undefined; readonly state?: DescribedState } = {},
): FunctionConfiguration {
  return {
    FunctionName: record.name,
    FunctionArn: functionArn(record, qualifier),
    Runtime: config.runtime as Runtime,
    Role: config.roleArn,
    Handler: config.handler,
    CodeSize: code.sizeBytes,
    Description: config.description,
    Timeout: config.timeoutSeconds,
    MemorySize: config.memorySizeMb,
    LastModified: formatIsoMs(modifiedAtMs).replace('Z', '+0000'),
    CodeSha256: codeSha256(code),
    Version: version,
    ...(config.variables === undefined ? {} : { Environment: { Variables: config.variables } }),
    TracingConfig: { Mode: config.tracingMode as TracingMode },
    RevisionId: revisionId,
    ...stateMembers(state),
    PackageType: 'Zip',
    Architectures: [config.architecture as Architecture],
    EphemeralStorage: { Size: config.ephemeralStorageMb },
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    LoggingConfig: { LogFormat: 'Text', LogGroup: config.logGroupName },
  };
}

export function describeAlias(record: FunctionRecord, alias: FunctionAlias): AliasConfiguration {
  const { additional } = alias;
  return {
    AliasArn: functionArn(record, alias.name),
    Name: alias.name,
    FunctionVersion: alias.version,
    Description: alias.description,
    ...(additional === undefined
      ? {}
      : { RoutingConfig: { AdditionalVersionWeights: { [additional.version]: additional.weight } } }),
    RevisionId: alias.revisionId,
  };
}

export function codeSha256({ sha256 }: { readonly sha256: string }): string {
  return Buffer.from(sha256, 'hex').toString('base64');
}
