/** How the rest of the platform calls functions, and what functions need of the rest. `server.ts` plugs both. */
import type { Cause } from '../cause.ts';
import type { Turn } from '../loop.ts';

/** One call of a function. */
export interface FunctionCall {
  /** ARN of the function; a qualifier (version, alias or `$LATEST`) may follow the name. */
  readonly functionArn: string;
  /** JSON text, passed on as it stands. At most 6 MB for `invoke`, 1 MB for `enqueueAsync`. */
  readonly payloadText: string;
  readonly cause: Cause;
}

export interface SyncFunctionCall extends FunctionCall {
  /** Stays the same over retries of the same work, so that a handler can recognise them. */
  readonly requestId: string;
  /** The base64 text of `X-Amz-Client-Context`. */
  readonly clientContext?: string | undefined;
  /** Collect the last 4 KB of the invocation's log for the answer. Default: false. */
  readonly wantsLogTail?: boolean | undefined;
}

export interface FunctionAnswer {
  /** What the handler answered as JSON text; when it failed, `{"errorType", "errorMessage", ...}`. */
  readonly payloadText: string;
  /** Present when the handler failed, in the words of `X-Amz-Function-Error`. */
  readonly functionError?: 'Handled' | 'Unhandled';
  readonly executedVersion: string;
  /** Base64, when it was asked for. */
  readonly logTail?: string;
}

export interface FunctionCaller {
  /**
   * Calls a function and waits for its answer. Nothing is recorded: a crash forgets the call, and whoever made it
   * makes it again. Rejects with `AwsError` when there is nothing to call or no room for it:
   * `ResourceNotFoundException`, `TooManyRequestsException`, `RequestTooLargeException`, `ServiceException`.
   */
  invoke(call: SyncFunctionCall): Promise<FunctionAnswer>;
  /**
   * Queues an asynchronous call in the caller's commit and answers its request id; it is made once that commit is
   * on disk, and twice more when the function fails. Throws `AwsError` before it changes anything.
   */
  enqueueAsync(turn: Turn, call: FunctionCall & { readonly requestId?: string }): string;
}

/** Temporary credentials of a role, as a function's own SDK needs them. */
export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Takes what a function wrote. It never blocks and never throws: lines past its bound are counted and dropped. */
export interface FunctionLogSink {
  append(stream: FunctionLogStream, lines: readonly FunctionLogLine[]): void;
}

export interface FunctionLogStream {
  readonly account: string;
  readonly region: string;
  readonly groupName: string;
  readonly streamName: string;
}

export interface FunctionLogLine {
  readonly atMs: number;
  readonly text: string;
}
