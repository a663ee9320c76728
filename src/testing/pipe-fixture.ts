/** Pipes between queues, buses and functions that answer what the test says: what tests of pipes stand on. */
import type { PipeSourceParameters, PipeTargetParameters } from '../api/pipes.ts';
import { createEngineFixture } from './engine-fixture.ts';
import { busLogSource } from '../engine/bus/bus-log.ts';
import { Buses } from '../engine/bus/buses.ts';
import type { FunctionAnswer, FunctionCaller, SyncFunctionCall } from '../engine/function/ports.ts';
import type { Loop } from '../engine/loop.ts';
import { Queues } from '../engine/queue/queues.ts';
import type { Queue } from '../engine/queue/queue.ts';
import { Trace } from '../engine/trace/trace.ts';
import type { PipeDefinition } from '../engine/pipe/pipe-record.ts';
import { Pipes } from '../engine/pipe/pipes.ts';

export const SCOPE = { account: '123456789012', region: 'us-west-2' };
const QUEUE_CONFIG = {
  visibilityTimeoutSeconds: 30,
  delaySeconds: 0,
  messageSizeBytesMax: 1_048_576,
  retentionSeconds: 345_600,
  receiveWaitSeconds: 0,
  stored: {},
};
export const PIPE_ARN = 'arn:aws:pipes:us-west-2:123456789012:pipe/orders';
export const FUNCTION_ARN = 'arn:aws:lambda:us-west-2:123456789012:function:';

/** Functions that answer what the test says, at once or when it says so. */
class ScriptedFunctions implements FunctionCaller {
  readonly calls: SyncFunctionCall[] = [];
  readonly queued: string[] = [];
  answer: (call: SyncFunctionCall) => Promise<Pick<FunctionAnswer, 'payloadText' | 'functionError'>> = () =>
    Promise.resolve({ payloadText: 'null' });

  async invoke(call: SyncFunctionCall): Promise<FunctionAnswer> {
    this.calls.push(call);
    return { executedVersion: '$LATEST', ...(await this.answer(call)) };
  }

  enqueueAsync(_turn: unknown, { payloadText }: { payloadText: string }): string {
    this.queued.push(payloadText);
    return `invocation-${this.queued.length}`;
  }
}

export function createPipeFixture() {
  const fixture = createEngineFixture();
  const functions = new ScriptedFunctions();
  const starts: string[] = [];
  const open = (loop: Loop) => {
    const trace = new Trace(loop, { sources: [busLogSource] });
    const queues = new Queues(loop);
    const buses = new Buses({ loop, trace, queues });
    const workflows = {
      start: (_turn: unknown, { input }: { input: string }) => {
        starts.push(input);
        return { executionArn: `execution-${starts.length}` };
      },
    };
    const pipes = new Pipes(loop, { queues, functions, workflows, buses, trace });
    for (const engine of [trace, queues, buses, pipes]) engine.start();
    return { trace, queues, buses, pipes };
  };
  const engines = open(fixture.loop);
  const createQueue = (name: string): Queue =>
    fixture.loop.turn((turn) =>
      engines.queues.create(turn, { ...SCOPE, name, config: QUEUE_CONFIG, tags: {} }),
    );
  const source = createQueue('source');
  const createPipe = async (
    target: string,
    options: Partial<PipeDefinition> & {
      filters?: object[];
      batchSize?: number;
      targetParameters?: PipeTargetParameters | undefined;
    } = {},
  ): Promise<void> => {
    const { filters = [], batchSize = 10, ...rest } = options;
    const sourceParameters: PipeSourceParameters = {
      SqsQueueParameters: { BatchSize: batchSize },
      FilterCriteria: { Filters: filters.map((pattern) => ({ Pattern: JSON.stringify(pattern) })) },
    };
    const definition: PipeDefinition = {
      roleArn: 'arn:aws:iam::123456789012:role/pipe',
      source: source.arn,
      sourceParameters,
      target,
      ...rest,
    };
    fixture.loop.turn((turn) =>
      engines.pipes.create(turn, { ...SCOPE, name: 'orders', definition, desiredState: 'RUNNING', tags: {} }),
    );
    await fixture.settle();
  };
  const send = (body: string) =>
    fixture.loop.turn((turn) => source.send(turn, { body, senderId: 'test', bodyMd5: 'md5' }));
  const bodies = (queue: Queue): string[] =>
    fixture.loop
      .turn((turn) => queue.receive(turn, { countMax: 10 }))
      .map((message) => queue.content(message).body);
  const counts = () => source.counts(fixture.clock.now());
  return {
    ...fixture,
    ...engines,
    open,
    functions,
    starts,
    createQueue,
    createPipe,
    source,
    send,
    bodies,
    counts,
  };
}
