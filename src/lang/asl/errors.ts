/**
 * Errors that happen inside a workflow: they fail a state, and Retry and Catch match them by name. They are no
 * `AwsError`: a caller of the API never sees one thrown.
 */

/** Names that Step Functions itself gives to errors. */
export const ErrorName = {
  all: 'States.ALL',
  dataLimitExceeded: 'States.DataLimitExceeded',
  heartbeatTimeout: 'States.HeartbeatTimeout',
  intrinsicFailure: 'States.IntrinsicFailure',
  resultPathMatchFailure: 'States.ResultPathMatchFailure',
  runtime: 'States.Runtime',
  taskFailed: 'States.TaskFailed',
  timeout: 'States.Timeout',
} as const;

/** A state failed while its fields were evaluated. */
export class StatesError extends Error {
  override readonly name = 'StatesError';
  readonly error: string;
  /** True when AWS opens the cause with "An error occurred while executing the state ...". */
  readonly isLocated: boolean;

  constructor(error: string, cause: string, isLocated = true) {
    super(cause);
    this.error = error;
    this.isLocated = isLocated;
  }
}

/** The definition and the data do not fit: no Retry or Catch helps. */
export function runtimeError(cause: string): StatesError {
  return new StatesError(ErrorName.runtime, cause);
}
