import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createPipeFixture, FUNCTION_ARN, PIPE_ARN } from '../../testing/pipe-fixture.ts';
import { encodeRecord } from '../../storage/codec.ts';
import { type PipeDefinition, pipeKey } from './pipe-record.ts';

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

  test('writes nothing of a batch that comes back when its region is closed', async () => {
    const { createPipe, loop, pipes, settle, send, functions, store } = createPipeFixture();
    const answer = Promise.withResolvers<{ payloadText: string }>();
    functions.answer = () => answer.promise;
    await createPipe(`${FUNCTION_ARN}Slow`);
    send('a');
    await settle();
    pipes.close();
    loop.close();
    const before = store.lastPosition;
    answer.resolve({ payloadText: 'null' });
    await settle();
    await settle();
    assert.equal(store.lastPosition, before);
  });

  test('leaves a pipe alone that was made anew while a batch of the old one was on its way', async () => {
    const { createPipe, loop, pipes, settle, send, functions, open, restart } = createPipeFixture();
    const answer = Promise.withResolvers<{ payloadText: string }>();
    functions.answer = () => answer.promise;
    await createPipe(`${FUNCTION_ARN}Slow`);
    send('a');
    await settle();
    const definition = pipes.find(PIPE_ARN)?.definition;
    assert.ok(definition);
    loop.turn((turn) => pipes.update(turn, PIPE_ARN, { definition, desiredState: 'RUNNING' }));
    await settle();
    loop.turn((turn) => pipes.setDesiredState(turn, PIPE_ARN, 'DELETED'));
    await settle();
    await createPipe(`${FUNCTION_ARN}Other`);
    answer.resolve({ payloadText: 'null' });
    await settle();
    await settle();
    const recovered = open(restart());
    assert.equal(recovered.pipes.find(PIPE_ARN)?.definition.target, `${FUNCTION_ARN}Other`);
  });

  test('ends no start of its region when it no longer compiles', async () => {
    const { createQueue, createPipe, pipes, loop, open, restart } = createPipeFixture();
    await createPipe(createQueue('target').arn);
    const record = pipes.find(PIPE_ARN);
    assert.ok(record);
    const definition = { ...record.definition, target: 'arn:aws:sns:us-west-2:123456789012:t' };
    loop.turn((turn) => turn.put(pipeKey(record, record.name), encodeRecord({ ...record, definition })));
    const again = open(restart());
    assert.equal(again.pipes.find(PIPE_ARN)?.currentState, 'RUNNING');
    assert.equal(again.pipes.stats(PIPE_ARN), undefined);
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
