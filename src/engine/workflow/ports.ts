/** What workflows need of the other engines. `server.ts` plugs them. */
import type { ActionPort } from '../ports.ts';
import type { FunctionCaller } from '../function/ports.ts';
import type { Trace } from '../trace/trace.ts';

export interface WorkflowPorts {
  readonly functions: FunctionCaller;
  readonly actions: ActionPort;
  readonly trace: Pick<Trace, 'effect'>;
  /** Authenticates task tokens: whoever holds one can end a task. */
  readonly tokenKey: Buffer;
}
