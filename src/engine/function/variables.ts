/** The environment variables of a function's process: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
import type { RoleCredentials } from './ports.ts';
import type { FunctionSpec } from './spec.ts';

export interface VariableFacts {
  readonly spec: FunctionSpec;
  readonly credentials: RoleCredentials;
  /** Where the platform listens, so that the handler's own SDK reaches it. */
  readonly endpointUrl: string;
  readonly logStreamName: string;
  /** Paths as the process sees them, inside its sandbox. */
  readonly taskRoot: string;
  readonly runtimeDirectory: string;
  readonly temporaryDirectory: string;
  readonly searchPath: string;
  /** `host:port` of the Runtime API, for processes that speak it. */
  readonly runtimeApi?: string | undefined;
}

/** The user's own variables win over what is a mere default, and never over what AWS reserves. */
export function functionVariables(facts: VariableFacts): Record<string, string> {
  const { spec, credentials } = facts;
  const defaults = {
    AWS_ENDPOINT_URL: facts.endpointUrl,
    // Without it an SDK that finds no credentials waits for a metadata service that is not there.
    AWS_EC2_METADATA_DISABLED: 'true',
    LANG: 'C.UTF-8',
    TZ: ':UTC',
    PATH: facts.searchPath,
    // The home of whoever runs the server holds AWS profiles of theirs, which no function should read.
    HOME: facts.temporaryDirectory,
    TMPDIR: facts.temporaryDirectory,
  };
  const reserved = {
    _HANDLER: spec.handler,
    LAMBDA_TASK_ROOT: facts.taskRoot,
    LAMBDA_RUNTIME_DIR: facts.runtimeDirectory,
    AWS_REGION: spec.region,
    AWS_DEFAULT_REGION: spec.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${spec.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: spec.name,
    AWS_LAMBDA_FUNCTION_VERSION: spec.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memorySizeMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: spec.logGroupName,
    AWS_LAMBDA_LOG_STREAM_NAME: facts.logStreamName,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
  };
  const runtimeApi = facts.runtimeApi === undefined ? {} : { AWS_LAMBDA_RUNTIME_API: facts.runtimeApi };
  return { ...defaults, ...spec.environment, ...reserved, ...runtimeApi };
}
