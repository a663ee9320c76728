/** What pipes need of the other engines. `server.ts` plugs them. */
import type { Scope } from '../../base/arn.ts';
import type { Cause } from '../cause.ts';
import type { Turn } from '../loop.ts';
import type { AsyncInvocation, FunctionPort, WorkflowPort } from '../ports.ts';
import type { Queues } from '../queue/queues.ts';
import type { Trace } from '../trace/trace.ts';

export interface FunctionAnswer {
  readonly payloadText: string;
  /** Present when the function failed: the payload is then the error. */
  readonly functionError?: string | undefined;
}

export interface PipeFunctions extends Pick<FunctionPort, 'enqueueAsync'> {
  /** Calls a function and waits for its answer. Rejects with `AwsError` when it cannot be called. */
  invoke(call: AsyncInvocation & { readonly requestId: string }): Promise<FunctionAnswer>;
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

export interface PipePorts {
  readonly queues: Queues;
  readonly functions: PipeFunctions;
  readonly workflows: WorkflowPort;
  readonly buses: PipeBuses;
  readonly trace: Pick<Trace, 'effect'>;
}
