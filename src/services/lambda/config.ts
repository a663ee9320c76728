/** The configuration of a function: members of the API on one side, the engine's record on the other. */
import type { CreateFunctionRequest, Environment, LoggingConfig } from '../../api/lambda.ts';
import { notImplementedError } from '../../base/errors.ts';
import type { FunctionConfig } from '../../engine/function/function-record.ts';
import { runtimeFamily } from '../../engine/function/spec.ts';
import { invalidParameterValue } from './errors.ts';
import * as limits from './limits.ts';

/** What creating and updating have in common. */
export type ConfigInput = Omit<
  CreateFunctionRequest,
  'FunctionName' | 'Code' | 'Role' | 'Publish' | 'Tags'
> & {
  readonly Role?: string | undefined;
};

export function newConfig(name: string, input: CreateFunctionRequest): FunctionConfig {
  const { Runtime: runtime, Handler: handler, Architectures: architectures = ['x86_64'] } = input;
  requireBuilt(input);
  // A bootstrap of one's own needs no handler name.
  if (!runtime || (handler === undefined && runtimeFamily(runtime) !== 'provided')) {
    throw invalidParameterValue(
      'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
    );
  }
  const base: FunctionConfig = {
    description: '',
    runtime,
    handler: handler ?? '',
    roleArn: input.Role,
    timeoutSeconds: limits.TIMEOUT_SECONDS_DEFAULT,
    memorySizeMb: limits.MEMORY_SIZE_MB_DEFAULT,
    ephemeralStorageMb: limits.EPHEMERAL_STORAGE_MB_DEFAULT,
    architecture: architectures[0] ?? 'x86_64',
    tracingMode: 'PassThrough',
    logGroupName: `/aws/lambda/${name}`,
  };
  return applyConfig(base, input);
}

/** Members that are left out stay as they are. */
export function applyConfig(config: FunctionConfig, input: ConfigInput): FunctionConfig {
  requireBuilt(input);
  requireAtMost('timeout', input.Timeout, limits.TIMEOUT_SECONDS_MAX);
  requireAtMost('memorySize', input.MemorySize, limits.MEMORY_SIZE_MB_MAX);
  requireRuntime(input.Runtime);
  const variables = input.Environment === undefined ? config.variables : toVariables(input.Environment);
  return {
    description: input.Description ?? config.description,
    runtime: input.Runtime ?? config.runtime,
    handler: input.Handler ?? config.handler,
    roleArn: input.Role ?? config.roleArn,
    timeoutSeconds: input.Timeout ?? config.timeoutSeconds,
    memorySizeMb: input.MemorySize ?? config.memorySizeMb,
    ephemeralStorageMb: input.EphemeralStorage?.Size ?? config.ephemeralStorageMb,
    architecture: config.architecture,
    tracingMode: input.TracingConfig?.Mode ?? config.tracingMode,
    logGroupName: input.LoggingConfig?.LogGroup ?? config.logGroupName,
    ...(variables === undefined ? {} : { variables }),
  };
}

function requireAtMost(name: string, value: number | undefined, max: number): void {
  if (value === undefined || value <= max) return;
  throw invalidParameterValue(
    `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: Member must have value less than or equal to ${max}`,
  );
}

function requireRuntime(runtime: string | undefined): void {
  if (runtime === undefined || runtimeFamily(runtime) !== undefined) return;
  throw notImplementedError(`The runtime ${runtime}`);
}

/** Refuses what would be stored and then do nothing. Empty members mean what leaving them out means. */
function requireBuilt(input: ConfigInput): void {
  const subnets = input.VpcConfig?.SubnetIds ?? [];
  const isUsed: Readonly<Record<string, boolean>> = {
    'PackageType Image': input.PackageType === 'Image',
    ImageConfig: input.ImageConfig !== undefined,
    Layers: (input.Layers ?? []).length > 0,
    'VpcConfig with subnets': subnets.length > 0,
    FileSystemConfigs: (input.FileSystemConfigs ?? []).length > 0,
    DeadLetterConfig: !!input.DeadLetterConfig?.TargetArn,
    KMSKeyArn: !!input.KMSKeyArn,
    CodeSigningConfigArn: !!input.CodeSigningConfigArn,
    SnapStart: input.SnapStart?.ApplyOn === 'PublishedVersions',
    DurableConfig: input.DurableConfig !== undefined,
    TenancyConfig: input.TenancyConfig !== undefined,
    CapacityProviderConfig: input.CapacityProviderConfig !== undefined,
    PublishTo: input.PublishTo !== undefined,
    'LoggingConfig with JSON or levels': isStructuredLogging(input.LoggingConfig),
  };
  for (const [member, used] of Object.entries(isUsed)) {
    if (used) throw notImplementedError(`The function setting ${member}`);
  }
}

function isStructuredLogging(logging: LoggingConfig | undefined): boolean {
  return (
    logging?.LogFormat === 'JSON' ||
    logging?.ApplicationLogLevel !== undefined ||
    logging?.SystemLogLevel !== undefined
  );
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const RESERVED: ReadonlySet<string> = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_DEFAULT_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_LAMBDA_RUNTIME_API',
  'AWS_REGION',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SECRET_KEY',
  'AWS_SESSION_TOKEN',
  'LAMBDA_RUNTIME_DIR',
  'LAMBDA_TASK_ROOT',
]);

function toVariables({ Variables: variables = {} }: Environment): Readonly<Record<string, string>> {
  const unable =
    'Lambda was unable to configure your environment variables because the environment variables you have provided';
  const reserved = Object.keys(variables).filter((name) => RESERVED.has(name));
  if (reserved.length > 0) {
    throw invalidParameterValue(
      `${unable} contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`,
    );
  }
  const text = JSON.stringify(variables);
  if (Buffer.byteLength(text) > limits.ENVIRONMENT_SIZE_BYTES_MAX) {
    throw invalidParameterValue(`${unable} exceeded the 4KB limit. String measured: ${text}`);
  }
  return variables;
}
