/**
 * The two kinds of error that Millrace throws.
 *
 * `AwsError` is expected: it is the answer to a caller, in AWS's code and words. Each service lists the codes
 * that its handlers may throw in its own `errors.ts`. `InvariantError` is our bug: inside a decision it
 * quarantines one entity, while state is applied it ends the process and recovery runs.
 */

export type Fault = 'client' | 'server';

export interface AwsErrorOptions {
  /** HTTP status of the answer. Default: 400 for the client's fault, 500 for the server's. */
  readonly httpStatus?: number;
  readonly fault?: Fault;
  /** Further members of the modelled error shape, such as `resourceId`. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;
  readonly httpStatus: number;
  readonly fault: Fault;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: AwsErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.fault = options.fault ?? 'client';
    this.httpStatus = options.httpStatus ?? (this.fault === 'client' ? 400 : 500);
    this.members = options.members ?? {};
  }
}

export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** The answer to an operation or a member that Millrace does not have yet: loud, typed, never a made-up success. */
export function notImplementedError(what: string): AwsError {
  return new AwsError('NotImplemented', `${what} is not implemented by Millrace yet.`, {
    httpStatus: 501,
    fault: 'server',
  });
}

/** The message of anything that was thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
