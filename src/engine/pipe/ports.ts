/** What pipes need of the other engines. `server.ts` plugs them. */
import type { Buses } from '../bus/buses.ts';
import type { FunctionCaller } from '../function/ports.ts';
import type { WorkflowPort } from '../ports.ts';
import type { Queues } from '../queue/queues.ts';
import type { Trace } from '../trace/trace.ts';

export interface PipePorts {
  readonly queues: Queues;
  readonly functions: FunctionCaller;
  readonly workflows: WorkflowPort;
  readonly buses: Pick<Buses, 'find' | 'put'>;
  readonly trace: Pick<Trace, 'effect'>;
}
