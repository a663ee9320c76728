import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../base/json.ts';
import { Execution, FUNCTION, machine } from '../../testing/workflow-fixture.ts';
import { nextWakeMs, pendingCommands } from './step.ts';

const CALL: Record<string, Json> = { Type: 'Task', Resource: FUNCTION, End: true };

function parallel(branches: readonly Record<string, Json>[], rest: Record<string, Json> = {}): Json {
  return { Type: 'Parallel', Branches: branches.map((states) => machine(states)), End: true, ...rest };
}

function map(states: Record<string, Json>, rest: Record<string, Json> = {}): Json {
  return { Type: 'Map', ItemProcessor: machine(states), End: true, ...rest };
}

test('branches run at once, and their outputs stand in the order of the branches', () => {
  const execution = new Execution(machine({ P: parallel([{ A: CALL }, { B: CALL }]) }), { x: 1 });
  const [a, b] = execution.tasks;
  assert.ok(a !== undefined && b !== undefined);
  assert.deepEqual(pendingCommands(execution.machine, execution.state), [a, b]);
  execution.feed({ kind: 'task-succeeded', taskId: b.taskId, output: '"second"' });
  assert.equal(execution.state.status, 'RUNNING');
  execution.feed({ kind: 'task-succeeded', taskId: a.taskId, output: '"first"' });
  assert.deepEqual(execution.output, ['first', 'second']);
});

test('each branch has a chain of events of its own, and the exit skips the event of success', () => {
  const pass = { Type: 'Pass', End: true };
  const execution = new Execution(machine({ P: parallel([{ A: pass }, { B: pass }]) }));
  assert.deepEqual(
    execution.events.map(({ id, previousEventId, type }) => [id, previousEventId, type]),
    [
      [1, 0, 'ExecutionStarted'],
      [2, 0, 'ParallelStateEntered'],
      [3, 2, 'ParallelStateStarted'],
      [4, 3, 'PassStateEntered'],
      [5, 4, 'PassStateExited'],
      [6, 3, 'PassStateEntered'],
      [7, 6, 'PassStateExited'],
      [8, 7, 'ParallelStateSucceeded'],
      [9, 7, 'ParallelStateExited'],
      [10, 9, 'ExecutionSucceeded'],
    ],
  );
});

test('a branch that fails stops the others, whose outcomes are no longer wanted', () => {
  const failing = { F: { Type: 'Wait', Seconds: 1, Next: 'G' }, G: { Type: 'Fail', Error: 'Bad' } };
  const handler = { Catch: [{ ErrorEquals: ['Bad'], Next: 'H' }] };
  const execution = new Execution(
    machine({ P: parallel([{ A: CALL }, failing], handler), H: { Type: 'Succeed' } }),
  );
  const { taskId } = execution.task;
  execution.wake();
  assert.deepEqual(execution.output, { Error: 'Bad', Cause: '' });
  assert.ok(execution.types.includes('TaskStateAborted'));
  assert.ok(execution.types.includes('ParallelStateFailed'));
  assert.deepEqual(execution.feed({ kind: 'task-succeeded', taskId, output: '1' }).events, []);
});

test('another attempt of a Parallel starts all its branches again', () => {
  const retry = { Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 1 }] };
  const execution = new Execution(machine({ P: parallel([{ A: CALL }, { B: CALL }], retry) }));
  execution.feed({ kind: 'task-failed', taskId: execution.task.taskId, error: 'x' });
  assert.equal(execution.state.frames.length, 1);
  execution.wake();
  assert.equal(execution.tasks.length, 4);
  execution.feed({ kind: 'task-failed', taskId: execution.task.taskId, error: 'x' });
  assert.equal(execution.state.status, 'FAILED');
  assert.equal(execution.types.filter((type) => type === 'ParallelStateFailed').length, 1);
});

test('a Map runs as many iterations at once as it may, and keeps the order of its items', () => {
  const state = map({ A: CALL }, { ItemsPath: '$.items', MaxConcurrency: 2 });
  const execution = new Execution(machine({ M: state }), { items: ['a', 'b', 'c'] });
  assert.deepEqual(
    execution.tasks.map(({ input }) => input),
    ['"a"', '"b"'],
  );
  const [a, b] = execution.tasks;
  assert.ok(a !== undefined && b !== undefined);
  execution.feed({ kind: 'task-succeeded', taskId: b.taskId, output: '"B"' });
  assert.equal(execution.tasks.length, 3);
  execution.feed({ kind: 'task-succeeded', taskId: execution.task.taskId, output: '"C"' });
  execution.feed({ kind: 'task-succeeded', taskId: a.taskId, output: '"A"' });
  assert.deepEqual(execution.output, ['A', 'B', 'C']);
});

test('a Map never runs more than 40 iterations at once', () => {
  const items = Array.from({ length: 100 }, (_, index) => index);
  const execution = new Execution(machine({ M: map({ A: CALL }, { MaxConcurrency: 1000 }) }), items);
  assert.equal(execution.tasks.length, 40);
});

test('states of an iteration see its item in the context object, the innermost one', () => {
  const inner = map(
    { A: { Type: 'Pass', Parameters: { 'item.$': '$$.Map.Item' }, End: true } },
    { ItemSelector: { 'outer.$': '$', 'value.$': '$$.Map.Item.Value' } },
  );
  const execution = new Execution(machine({ M: map({ N: inner }) }), [[7], [8]]);
  assert.deepEqual(execution.output, [
    [{ item: { Index: 0, Value: 7 } }],
    [{ item: { Index: 0, Value: 8 } }],
  ]);
});

test('variables reach into branches but not out of them', () => {
  const execution = new Execution(
    machine({
      A: { Type: 'Pass', Assign: { x: 1 }, Next: 'P' },
      P: {
        ...(parallel([
          {
            B: { Type: 'Pass', Assign: { y: 2 }, Next: 'C' },
            C: { Type: 'Pass', Parameters: { 'x.$': '$x', 'y.$': '$y' }, End: true },
          },
        ]) as object),
        End: false,
        Next: 'D',
      },
      D: { Type: 'Pass', Parameters: { 'y.$': '$y' }, End: true },
    }),
  );
  assert.equal(execution.state.error, 'States.Runtime');
  assert.ok(execution.state.cause?.includes(`could not be found in the input '[{"x":1,"y":2}]'`));
});

test('an iteration that cannot be started fails the Map and stops the others', () => {
  const state = map(
    { A: CALL },
    {
      ItemsPath: '$.items',
      MaxConcurrency: 1,
      ItemSelector: { 'n.$': 'States.ArrayGetItem($.n, $$.Map.Item.Index)' },
    },
  );
  const execution = new Execution(machine({ M: state }), { items: [1, 2], n: [5] });
  execution.feed({ kind: 'task-succeeded', taskId: execution.task.taskId, output: '1' });
  assert.equal(execution.state.error, 'States.IntrinsicFailure');
  assert.ok(execution.types.includes('MapStateFailed'));
});

test('a wait and a task timeout in different branches are both timers of the execution', () => {
  const branches = [{ A: { ...CALL, TimeoutSeconds: 9 } }, { B: { Type: 'Wait', Seconds: 4, End: true } }];
  const execution = new Execution(machine({ P: parallel(branches) }));
  assert.equal(nextWakeMs(execution.state), execution.now + 4000);
  execution.wake();
  assert.equal(nextWakeMs(execution.state), execution.now + 5000);
  execution.wake();
  assert.equal(execution.state.error, 'States.Timeout');
});

test('a Map in its distributed mode is refused as not built', () => {
  const state = map({ A: CALL }, { ItemReader: { Resource: 'arn:aws:states:::s3:getObject' } });
  assert.throws(() => new Execution(machine({ M: state })), { code: 'NotImplemented' });
});

test('a Map over something that is no array fails for good', () => {
  const execution = new Execution(machine({ M: map({ A: CALL }) }), { not: 'an array' });
  assert.equal(
    execution.state.cause,
    'An error occurred while executing the state \'M\' (entered at the event id #2). Reference path "$" must point to array.',
  );
});
