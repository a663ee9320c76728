import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { PipeSourceParameters, PipeTargetParameters } from '../../api/pipes.ts';
import { AwsError } from '../../base/errors.ts';
import { createEngineFixture } from '../../testing/engine-fixture.ts';
import { busLogSource } from '../bus/bus-log.ts';
import { Buses } from '../bus/buses.ts';
import type { FunctionAnswer, FunctionCaller, SyncFunctionCall } from '../function/ports.ts';
import type { Loop } from '../loop.ts';
import { Queues } from '../queue/queues.ts';
import type { Queue } from '../queue/queue.ts';
import { Trace } from '../trace/trace.ts';
import type { PipeDefinition } from './pipe-record.ts';
import { Pipes } from './pipes.ts';

const SCOPE = { account: '123456789012', region: 'us-west-2' };
const QUEUE_CONFIG = {
  visibilityTimeoutSeconds: 30,
  delaySeconds: 0,
  messageSizeBytesMax: 1_048_576,
  retentionSeconds: 345_600,
  receiveWaitSeconds: 0,
  stored: {},
};
const PIPE_ARN = 'arn:aws:pipes:us-west-2:123456789012:pipe/orders';
const FUNCTION_ARN = 'arn:aws:lambda:us-west-2:123456789012:function:';

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

function createPipeFixture() {
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
    fixture.loop.turn((turn) => queue.receive(turn, { countMax: 10 })).map((message) => queue.body(message));
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

suite('a pipe to a target in the region', () => {
  test('gives a message over in the commit that takes it from its queue', async () => {
    const { createQueue, createPipe, send, settle, bodies, counts, store } = createPipeFixture();
    const target = createQueue('target');
    await createPipe(target.arn, { targetParameters: { InputTemplate: '{"id": <$.body.id>}' } });
    const commits: number[] = [];
    store.onCommit((position) => commits.push(position));
    send('{"id":"o-1","more":true}');
    await settle();
    assert.deepEqual(bodies(target), ['{"id": "o-1"}']);
    assert.deepEqual(counts(), { ready: 0, delayed: 0, inFlight: 0 });
    assert.equal(
      store.range(
        'queue.message\u0000123456789012\u0000us-west-2\u0000source',
        'queue.message\u0000123456789012\u0000us-west-2\u0000source\u00ff',
      ).length,
      0,
    );
    // One commit for the send; the pipe's receive, delivery and delete share the next.
    assert.equal(commits.length, 2);
  });

  test('drops what its filter does not let through, and says why in the trace', async () => {
    const { createQueue, createPipe, send, settle, bodies, counts, trace } = createPipeFixture();
    const target = createQueue('target');
    await createPipe(target.arn, { filters: [{ body: { amount: [{ numeric: ['>', 100] }] } }] });
    send('{"amount":101}');
    const { head } = send('{"amount":7}');
    send('not json');
    await settle();
    assert.equal(bodies(target).length, 1);
    assert.deepEqual(counts(), { ready: 0, delayed: 0, inFlight: 0 });
    const { links } = await trace.chain(head.id);
    const dropped = links.find(({ kind }) => kind === 'dropped');
    assert.equal(dropped?.detail?.['pipe'], PIPE_ARN);
    assert.match(dropped?.detail?.['reason'] ?? '', /body\.amount is 7, wanted/);
  });

  test('gives a state machine its batch as one array', async () => {
    const { createPipe, send, settle, starts } = createPipeFixture();
    await createPipe('arn:aws:states:us-west-2:123456789012:stateMachine:m', {
      targetParameters: {
        InputTemplate: '<$.body>',
        StepFunctionStateMachineParameters: { InvocationType: 'FIRE_AND_FORGET' },
      },
    });
    send('{"a":1}');
    await settle();
    assert.deepEqual(starts, ['[{"a":1}]']);
  });

  test('puts each record on a bus as the detail of an event', async () => {
    const { createPipe, send, settle, buses, loop } = createPipeFixture();
    const bus = loop.turn((turn) => buses.create(turn, { ...SCOPE, name: 'b', tags: {} }));
    await createPipe(bus.arn, {
      targetParameters: {
        InputTemplate: '<$.body>',
        EventBridgeEventBusParameters: { Source: '$.body.source', DetailType: 'T' },
      },
    });
    send('{"source":"from.x","n":1}');
    await settle();
    const [event] = buses.log.recent({ scope: SCOPE, busName: 'b', countMax: 1 });
    const {
      source,
      detail,
      'detail-type': type,
    } = JSON.parse(event?.text ?? '{}') as Record<string, unknown>;
    assert.deepEqual(
      { source, detail, type },
      { source: 'from.x', detail: { source: 'from.x', n: 1 }, type: 'T' },
    );
  });

  test('leaves the batch where it is when the target is gone, and brings it again after the timeout', async () => {
    const { createQueue, createPipe, send, settle, bodies, counts, loop, queues, clock } =
      createPipeFixture();
    const target = createQueue('target');
    await createPipe(target.arn);
    loop.turn((turn) => queues.delete(turn, target));
    send('a');
    await settle();
    assert.deepEqual(counts(), { ready: 0, delayed: 0, inFlight: 1 });
    const again = createQueue('target');
    await clock.advance(30_000);
    assert.equal(bodies(again).length, 1);
  });
});

suite('a pipe with functions', () => {
  const enrichment = `${FUNCTION_ARN}Enrich`;
  const target = `${FUNCTION_ARN}Process`;

  test('sends the batch through filter, enrichment and transformation to its target, then deletes it', async () => {
    const { createPipe, send, settle, functions, counts } = createPipeFixture();
    functions.answer = ({ functionArn, payloadText }) => {
      if (functionArn === target) return Promise.resolve({ payloadText: '{"batchItemFailures":[]}' });
      const records = JSON.parse(payloadText) as { body: string }[];
      const events = records.map(({ body }) => ({
        detail: { ...(JSON.parse(body) as object), customer: 'Ada' },
      }));
      return Promise.resolve({ payloadText: JSON.stringify(events) });
    };
    await createPipe(target, {
      enrichment,
      targetParameters: { InputTemplate: '{"id": <$.detail.id>, "customer": <$.detail.customer>}' },
    });
    send('{"id":"o-1"}');
    await settle();
    assert.deepEqual(
      functions.calls.map(({ functionArn }) => functionArn),
      [enrichment, target],
    );
    assert.equal(functions.calls[1]?.payloadText, '[{"id": "o-1", "customer": "Ada"}]');
    const [record] = JSON.parse(functions.calls[0]?.payloadText ?? '[]') as Record<string, unknown>[];
    assert.equal(record?.['eventSource'], 'aws:sqs');
    assert.equal(record?.['body'], '{"id":"o-1"}');
    assert.deepEqual(counts(), { ready: 0, delayed: 0, inFlight: 0 });
  });

  test('keeps what a function reports as failed until the visibility timeout ends', async () => {
    const { createPipe, send, settle, functions, counts, clock } = createPipeFixture();
    const bad = { id: '' };
    functions.answer = () =>
      Promise.resolve({ payloadText: JSON.stringify({ batchItemFailures: [{ itemIdentifier: bad.id }] }) });
    await createPipe(target);
    send('good');
    bad.id = send('bad').head.id;
    await settle();
    assert.deepEqual(counts(), { ready: 0, delayed: 0, inFlight: 1 });
    functions.answer = () => Promise.resolve({ payloadText: 'null' });
    await clock.advance(30_000);
    assert.deepEqual(counts(), { ready: 0, delayed: 0, inFlight: 0 });
    assert.equal(functions.calls.length, 2);
  });

  test('counts the whole batch as failed when an item is reported that is not of the batch', async () => {
    const { createPipe, send, settle, functions, counts } = createPipeFixture();
    functions.answer = () =>
      Promise.resolve({ payloadText: '{"batchItemFailures":[{"itemIdentifier":"stranger"}]}' });
    await createPipe(target);
    send('a');
    send('b');
    await settle();
    assert.equal(counts().inFlight, 2);
  });

  test('keeps the batch when a function fails or cannot be called', async () => {
    const { createPipe, send, settle, functions, counts } = createPipeFixture();
    functions.answer = () => Promise.reject(new AwsError('ResourceNotFoundException', 'Function not found'));
    await createPipe(target);
    send('a');
    await settle();
    functions.answer = () => Promise.resolve({ payloadText: '{}', functionError: 'Unhandled' });
    send('b');
    await settle();
    assert.equal(counts().inFlight, 2);
  });

  for (const payloadText of ['""', '{}', '[]', 'null', '']) {
    test(`does not call the target when the enrichment answers ${payloadText === '' ? 'nothing' : payloadText}`, async () => {
      const { createPipe, send, settle, functions, counts } = createPipeFixture();
      functions.answer = () => Promise.resolve({ payloadText });
      await createPipe(target, { enrichment });
      send('a');
      await settle();
      assert.equal(functions.calls.length, 1);
      assert.deepEqual(counts(), { ready: 0, delayed: 0, inFlight: 0 });
    });
  }

  test('queues an asynchronous call in the commit that takes the batch', async () => {
    const { createPipe, send, settle, functions, counts } = createPipeFixture();
    await createPipe(target, {
      targetParameters: {
        LambdaFunctionParameters: { InvocationType: 'FIRE_AND_FORGET' },
        InputTemplate: '<$.body>',
      },
    });
    send('{"a":1}');
    await settle();
    assert.deepEqual(functions.queued, ['[{"a":1}]']);
    assert.equal(functions.calls.length, 0);
    assert.equal(counts().inFlight, 0);
  });

  test('brings a batch that was on its way again at once after a crash', async () => {
    const { createPipe, send, settle, functions, restart, open, clock } = createPipeFixture();
    functions.answer = () => new Promise(() => undefined);
    await createPipe(target);
    send('a');
    await settle();
    assert.equal(functions.calls.length, 1);
    functions.answer = () => Promise.resolve({ payloadText: 'null' });
    const { queues } = open(restart());
    await clock.advance(1000);
    assert.equal(functions.calls.length, 2);
    assert.deepEqual(queues.list(SCOPE)[0]?.counts(clock.now()), { ready: 0, delayed: 0, inFlight: 0 });
  });
});

suite('the life of a pipe', () => {
  test('goes from CREATING to RUNNING, through STOPPING to STOPPED, and away', async () => {
    const { createQueue, createPipe, loop, pipes, settle, send, bodies } = createPipeFixture();
    const target = createQueue('target');
    const creating = createPipe(target.arn);
    assert.equal(pipes.find(PIPE_ARN)?.currentState, 'CREATING');
    await creating;
    assert.equal(pipes.find(PIPE_ARN)?.currentState, 'RUNNING');
    loop.turn((turn) => pipes.setDesiredState(turn, PIPE_ARN, 'STOPPED'));
    assert.equal(pipes.find(PIPE_ARN)?.currentState, 'STOPPING');
    await settle();
    assert.equal(pipes.find(PIPE_ARN)?.currentState, 'STOPPED');
    send('waits');
    await settle();
    assert.deepEqual(bodies(target), []);
    loop.turn((turn) => pipes.setDesiredState(turn, PIPE_ARN, 'RUNNING'));
    await settle();
    assert.equal(bodies(target).length, 1);
    loop.turn((turn) => pipes.setDesiredState(turn, PIPE_ARN, 'DELETED'));
    await settle();
    assert.equal(pipes.find(PIPE_ARN), undefined);
  });

  test('waits for a batch on its way before it is stopped', async () => {
    const { createPipe, loop, pipes, settle, send, functions } = createPipeFixture();
    const answer = Promise.withResolvers<{ payloadText: string }>();
    functions.answer = () => answer.promise;
    await createPipe(`${FUNCTION_ARN}Slow`);
    send('a');
    await settle();
    loop.turn((turn) => pipes.setDesiredState(turn, PIPE_ARN, 'STOPPED'));
    await settle();
    assert.equal(pipes.find(PIPE_ARN)?.currentState, 'STOPPING');
    answer.resolve({ payloadText: 'null' });
    await settle();
    await settle();
    assert.equal(pipes.find(PIPE_ARN)?.currentState, 'STOPPED');
  });

  test('goes on after a crash from the state that it was in', async () => {
    const { createQueue, createPipe, restart, open, settle, send, bodies } = createPipeFixture();
    const target = createQueue('target');
    await createPipe(target.arn);
    send('first');
    await settle();
    assert.equal(bodies(target).length, 1);
    const { pipes } = open(restart());
    assert.equal(pipes.find(PIPE_ARN)?.currentState, 'RUNNING');
  });
});

suite('the definition of a pipe', () => {
  const cases: [string, Partial<PipeDefinition>, string][] = [
    [
      'a source that is not built',
      { source: 'arn:aws:kinesis:us-west-2:123456789012:stream/s' },
      'NotImplemented',
    ],
    ['a target that is not built', { target: 'arn:aws:sns:us-west-2:123456789012:t' }, 'NotImplemented'],
    [
      'an enrichment that is not built',
      { enrichment: 'arn:aws:states:us-west-2:123456789012:stateMachine:m' },
      'NotImplemented',
    ],
    ['a source that is no ARN', { source: 'MyQueue' }, 'ValidationException'],
    [
      'parameters of another target',
      { targetParameters: { KinesisStreamParameters: { PartitionKey: 'x' } } },
      'ValidationException',
    ],
    [
      'a batch that the target cannot take',
      {
        target: 'arn:aws:sqs:us-west-2:123456789012:t',
        sourceParameters: { SqsQueueParameters: { BatchSize: 11 } },
      },
      'ValidationException',
    ],
    [
      'a malformed filter',
      { sourceParameters: { FilterCriteria: { Filters: [{ Pattern: '{' }] } } },
      'ValidationException',
    ],
    [
      'waiting for a standard workflow',
      { target: 'arn:aws:states:us-west-2:123456789012:stateMachine:m' },
      'ValidationException',
    ],
  ];
  for (const [what, change, code] of cases) {
    test(`refuses ${what}`, async () => {
      const { createPipe, pipes } = createPipeFixture();
      await assert.rejects(createPipe(`${FUNCTION_ARN}Process`, change), { code });
      assert.equal(pipes.find(PIPE_ARN), undefined);
    });
  }
});
