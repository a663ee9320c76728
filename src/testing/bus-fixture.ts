/** Buses over a memory store, with ports that record what reaches them: what tests of buses stand on. */
import type { Target } from '../api/events.ts';
import { AwsError } from '../base/errors.ts';
import { createEngineFixture } from './engine-fixture.ts';
import type { Loop } from '../engine/loop.ts';
import type { AsyncInvocation, ExecutionStart } from '../engine/ports.ts';
import type { QueueConfig } from '../engine/queue/queue-record.ts';
import type { Queue } from '../engine/queue/queue.ts';
import { Queues } from '../engine/queue/queues.ts';
import { Trace } from '../engine/trace/trace.ts';
import { busLogSource } from '../engine/bus/bus-log.ts';
import { DEFAULT_BUS, type RuleDefinition } from '../engine/bus/bus-record.ts';
import { Buses } from '../engine/bus/buses.ts';

export const SCOPE = { account: '000000000000', region: 'us-east-1' };
export const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:work';
export const MACHINE_ARN = 'arn:aws:states:us-east-1:000000000000:stateMachine:work';
const ROLE_ARN = 'arn:aws:iam::000000000000:role/events';

const QUEUE_CONFIG: QueueConfig = {
  visibilityTimeoutSeconds: 30,
  delaySeconds: 0,
  messageSizeBytesMax: 1_048_576,
  retentionSeconds: 345_600,
  receiveWaitSeconds: 0,
  stored: {},
};

/** Functions and state machines of a test: it counts what came, and refuses as long as `refusal` is set. */
class PortRecorder {
  readonly invocations: AsyncInvocation[] = [];
  readonly starts: ExecutionStart[] = [];
  refusal: Error | undefined;

  find(arn: string): boolean {
    return arn === FUNCTION_ARN;
  }

  enqueueAsync(_turn: unknown, invocation: AsyncInvocation): string {
    if (this.refusal !== undefined) throw this.refusal;
    this.invocations.push(invocation);
    return `invocation-${this.invocations.length}`;
  }

  start(_turn: unknown, start: ExecutionStart): { executionArn: string } {
    if (start.stateMachineArn !== MACHINE_ARN) {
      throw new AwsError(
        'StateMachineDoesNotExist',
        `State Machine Does Not Exist: '${start.stateMachineArn}'`,
      );
    }
    this.starts.push(start);
    return { executionArn: `execution-${this.starts.length}` };
  }
}

export function createBusFixture() {
  const fixture = createEngineFixture();
  const ports = new PortRecorder();
  const open = (loop: Loop) => {
    const trace = new Trace(loop, { sources: [busLogSource] });
    const queues = new Queues(loop);
    const buses = new Buses({ loop, trace, queues, functions: ports, workflows: ports });
    trace.start();
    queues.start();
    buses.start();
    return { loop, trace, queues, buses };
  };
  const { loop } = fixture;
  const engines = open(loop);
  const { buses, queues } = engines;
  const createQueue = (name: string, config: Partial<QueueConfig> = {}): Queue =>
    loop.turn((turn) =>
      queues.create(turn, { ...SCOPE, name, config: { ...QUEUE_CONFIG, ...config }, tags: {} }),
    );
  const createBus = (name: string) => loop.turn((turn) => buses.create(turn, { ...SCOPE, name, tags: {} }));
  const putRule = (
    name: string,
    definition: Partial<RuleDefinition>,
    targets: readonly Partial<Target>[],
    busName = DEFAULT_BUS,
  ) =>
    loop.turn((turn) => {
      const bus = buses.get(SCOPE, busName);
      if (bus === undefined) throw new Error(`no bus ${busName}`);
      const rule = buses.putRule(turn, bus, {
        name,
        definition: { state: 'ENABLED', ...definition },
        tags: {},
      });
      return buses.updateRule(turn, bus, rule, {
        targets: targets.map((target, index) => ({ Id: `t${index}`, Arn: '', RoleArn: ROLE_ARN, ...target })),
      });
    });
  const put = (
    detail: object,
    options: { busName?: string; source?: string; detailType?: string } = {},
  ): string => {
    const { busName = DEFAULT_BUS, source = 'shop', detailType = 'OrderCreated' } = options;
    const event = {
      scope: SCOPE,
      busName,
      source,
      detailType,
      detailText: JSON.stringify(detail),
      resources: [],
    };
    const [id = ''] = loop.turn((turn) =>
      buses.put(turn, [event], { kind: 'request', id: `request-of-${detailType}` }),
    );
    return id;
  };
  /** Takes up to ten messages out of a queue. */
  const receive = (queue: Queue) =>
    loop.turn((turn) =>
      queue.receive(turn, { countMax: 10 }).map((message) => {
        const taken = { head: message.head, body: queue.content(message).body };
        queue.delete(turn, message);
        return taken;
      }),
    );
  return { ...fixture, ...engines, open, ports, createQueue, createBus, putRule, put, receive };
}
