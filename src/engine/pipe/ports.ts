/** What pipes need of the other engines. `server.ts` plugs them. */
import type { Scope } from '../../base/arn.ts';
import type { Cause } from '../cause.ts';
import type { Turn } from '../loop.ts';
import type { Queues } from '../queue/queues.ts';

export interface FunctionAnswer {
  readonly payloadText: string;
  /** Present when the function failed: the payload is then the error. */
  readonly functionError?: string | undefined;
}

export interface PipeFunctions {
  /** Calls a function and waits for its answer. Rejects with `AwsError` when it cannot be called. */
  invoke(call: {
    readonly functionArn: string;
    readonly payloadText: string;
    readonly requestId: string;
    readonly cause: Cause;
  }): Promise<FunctionAnswer>;
  /** Queues an asynchronous call in the caller's commit. Throws `AwsError` before it changes anything. */
  enqueueAsync(
    turn: Turn,
    call: { readonly functionArn: string; readonly payloadText: string; readonly cause: Cause },
  ): unknown;
}

export interface PipeWorkflows {
  /** Starts an execution in the caller's commit. Throws `AwsError` before it changes anything. */
  start(
    turn: Turn,
    start: { readonly stateMachineArn: string; readonly input: string; readonly cause: Cause },
  ): unknown;
}

export interface PipeBuses {
  /** Puts one event on a bus in the caller's commit. Throws `AwsError` before it changes anything. */
  put(
    turn: Turn,
    event: {
      readonly scope: Scope;
      readonly busArn: string;
      readonly source: string;
      readonly detailType: string;
      readonly detailText: string;
      readonly resources: readonly string[];
      readonly time?: string | undefined;
      readonly cause: Cause;
    },
  ): unknown;
}

/** Where the trace of causes and effects is kept. */
export interface PipeTrace {
  effect(
    turn: Turn,
    cause: Cause,
    effect: {
      readonly kind: string;
      readonly id: string;
      readonly detail?: Readonly<Record<string, unknown>>;
    },
  ): void;
}

export interface PipePorts {
  readonly queues: Queues;
  readonly functions: PipeFunctions;
  readonly workflows: PipeWorkflows;
  readonly buses: PipeBuses;
  readonly trace: PipeTrace;
}
