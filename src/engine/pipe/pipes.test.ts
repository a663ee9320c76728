import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { AwsError } from '../../base/errors.ts';
import { createPipeFixture, FUNCTION_ARN, PIPE_ARN, SCOPE } from '../../testing/pipe-fixture.ts';

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

  test('drops what a filter does not let through at the pace of the disk', async () => {
    const { createQueue, createPipe, source, loop, counts, stall, clock } = createPipeFixture();
    await createPipe(createQueue('target').arn, { filters: [{ body: { amount: [1] } }] });
    const message = { body: '{"amount":2}', senderId: 'test', bodyMd5: 'md5', delaySeconds: 10 };
    for (let index = 0; index < 300; index += 1) loop.turn((turn) => source.send(turn, message));
    await clock.advance(5000);
    const resume = stall();
    await clock.advance(10_000);
    const { ready, delayed } = counts();
    // Five batches of ten at the most are on their way to the disk.
    assert.deepEqual([ready >= 250 && ready < 300, delayed], [true, 0], `${ready} are left`);
    resume();
    await clock.advance(0);
    assert.deepEqual(counts(), { ready: 0, delayed: 0, inFlight: 0 });
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

  test('leaves a batch that its template made no JSON of, which a bus cannot take', async () => {
    const { createPipe, send, settle, counts, pipes } = createPipeFixture();
    await createPipe('arn:aws:events:us-west-2:123456789012:event-bus/default', {
      targetParameters: { InputTemplate: 'Order <$.body.id>' },
    });
    send('{"id":"o-1"}');
    await settle();
    assert.equal(pipes.stats(PIPE_ARN)?.failed, 1);
    assert.deepEqual(counts(), { ready: 0, delayed: 0, inFlight: 1 });
  });

  test('leaves a batch that holds more than the target queue takes', async () => {
    const { createQueue, createPipe, send, settle, bodies, counts, loop, queues } = createPipeFixture();
    const target = createQueue('target');
    const config = { ...target.config, messageSizeBytesMax: 1024 };
    loop.turn((turn) => queues.update(turn, target, { config }));
    await createPipe(target.arn, { targetParameters: { InputTemplate: '<$.body>' } });
    send('x'.repeat(1024));
    await settle();
    assert.deepEqual(
      bodies(target).map((body) => body.length),
      [],
    );
    assert.deepEqual(counts(), { ready: 0, delayed: 0, inFlight: 1 });
    send('y'.repeat(1000));
    await settle();
    assert.deepEqual(
      bodies(target).map((body) => body.length),
      [1002],
    );
  });

  test('tries what its target refuses once a second, even from a queue without a visibility timeout', async () => {
    const { createQueue, createPipe, send, settle, loop, queues, source, clock, pipes } = createPipeFixture();
    const config = { ...source.config, visibilityTimeoutSeconds: 0 };
    loop.turn((turn) => queues.update(turn, source, { config }));
    const target = createQueue('target');
    await createPipe(target.arn);
    loop.turn((turn) => queues.delete(turn, target));
    send('a');
    await settle();
    assert.equal(pipes.stats(PIPE_ARN)?.failed, 1);
    await clock.advance(3000);
    assert.equal(pipes.stats(PIPE_ARN)?.failed, 4);
  });

  test('takes no more of a long queue than a few batches before a commit is on disk', async () => {
    const { createQueue, createPipe, send, settle, loop, pipes, bodies } = createPipeFixture();
    const target = createQueue('target');
    await createPipe(target.arn, { batchSize: 1 });
    loop.turn((turn) => pipes.setDesiredState(turn, PIPE_ARN, 'STOPPED'));
    await settle();
    for (let count = 0; count < 100; count += 1) send(String(count));
    loop.turn((turn) => pipes.setDesiredState(turn, PIPE_ARN, 'RUNNING'));
    const deliveredByCommit: number[] = [];
    loop.store.onCommit(() => {
      const { delivered = 0 } = pipes.stats(PIPE_ARN) ?? {};
      deliveredByCommit.push(delivered);
    });
    await settle();
    assert.equal(pipes.stats(PIPE_ARN)?.delivered, 100);
    assert.ok(deliveredByCommit.length >= 20, `delivered by commit: ${deliveredByCommit.join(', ')}`);
    assert.equal(bodies(target).length, 10);
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
