import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../base/json.ts';
import { seededRandom } from '../../base/random.ts';
import { parseStateMachine } from '../../lang/asl/parse.ts';
import { Execution, FUNCTION, IDENTITY, INVOKE, machine } from '../../testing/workflow-fixture.ts';
import { createExecution, nextWakeMs, pendingCommands, step } from './step.ts';

const CALL: Record<string, Json> = { Type: 'Task', Resource: FUNCTION, End: true };

test('a document that only passes through keeps its text', () => {
  const definition = machine({ A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Succeed' } });
  const compiled = parseStateMachine(JSON.stringify(definition), 'STANDARD');
  const input = '{ "n": 1.0, "big": 12345678901234567890 }';
  const state = createExecution(compiled, { ...IDENTITY, input });
  const environment = { now: 1, random: seededRandom(1), region: 'us-east-1', taskToken: () => '' };
  assert.equal(step(compiled, state, { kind: 'started' }, environment).state.output, input);
});

test('a function is handed out, and its result goes through all the fields', () => {
  const execution = new Execution(
    machine({
      A: {
        ...CALL,
        InputPath: '$.in',
        Parameters: { 'n.$': '$.n', fixed: true },
        ResultSelector: { 'sum.$': '$.total' },
        ResultPath: '$.out',
        OutputPath: '$.out',
        Assign: { 'kept.$': '$.sum' },
      },
    }),
    { in: { n: 2 } },
  );
  assert.equal(execution.task.input, '{"n":2,"fixed":true}');
  assert.deepEqual(execution.task.resource, { kind: 'function', arn: FUNCTION });
  execution.feed({ kind: 'task-succeeded', taskId: execution.task.taskId, output: '{"total":5,"x":1}' });
  assert.deepEqual(execution.output, { sum: 5 });
  assert.deepEqual(execution.types, [
    'ExecutionStarted',
    'TaskStateEntered',
    'LambdaFunctionScheduled',
    'LambdaFunctionStarted',
    'LambdaFunctionSucceeded',
    'TaskStateExited',
    'ExecutionSucceeded',
  ]);
  assert.deepEqual(execution.commands.at(-1), {
    kind: 'finish',
    status: 'SUCCEEDED',
    output: '{"sum":5}',
  });
});

test('an outcome that is no longer awaited changes nothing', () => {
  const execution = new Execution(machine({ A: CALL }));
  const { state } = execution;
  const result = execution.feed({ kind: 'task-succeeded', taskId: 99, output: '1' });
  assert.equal(result.state, state);
  assert.deepEqual([result.events, result.commands], [[], []]);
});

test('a failed task is tried again with growing pauses, then caught', () => {
  const execution = new Execution(
    machine({
      A: {
        ...CALL,
        Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 2, MaxAttempts: 2, BackoffRate: 3 }],
        Catch: [{ ErrorEquals: ['States.TaskFailed'], ResultPath: '$.problem', Next: 'B' }],
      },
      B: { Type: 'Succeed' },
    }),
    { id: 1 },
  );
  const pauses: number[] = [];
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const failedAtMs = execution.now;
    execution.feed({ kind: 'task-failed', taskId: execution.task.taskId, error: 'Busy', cause: 'why' });
    if (attempt < 2) execution.wake();
    pauses.push(execution.now - failedAtMs);
  }
  assert.deepEqual(pauses, [2000, 6000, 0]);
  assert.deepEqual(execution.output, { id: 1, problem: { Error: 'Busy', Cause: 'why' } });
  const scheduled = execution.events.filter(({ type }) => type === 'LambdaFunctionScheduled');
  assert.deepEqual(
    scheduled.map(({ previousEventId }) => execution.events[previousEventId - 1]?.type),
    ['TaskStateEntered', 'LambdaFunctionFailed', 'LambdaFunctionFailed'],
  );
});

test('the parameters see how often the state was retried', () => {
  const parameters = { 'attempt.$': '$$.State.RetryCount' };
  const retry = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1 }];
  const execution = new Execution(machine({ A: { ...CALL, Parameters: parameters, Retry: retry } }));
  execution.feed({ kind: 'task-failed', taskId: execution.task.taskId, error: 'x' });
  execution.wake();
  assert.equal(execution.task.input, '{"attempt":1}');
});

test('States.Runtime is neither retried nor caught', () => {
  const execution = new Execution(
    machine({
      A: {
        ...CALL,
        Parameters: { 'x.$': '$.missing' },
        Retry: [{ ErrorEquals: ['States.ALL'] }],
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }],
      },
      B: { Type: 'Succeed' },
    }),
    { other: 1 },
  );
  assert.equal(execution.state.status, 'FAILED');
  assert.equal(execution.state.error, 'States.Runtime');
  assert.equal(
    execution.state.cause,
    "An error occurred while executing the state 'A' (entered at the event id #2). The JSONPath '$.missing' " +
      `specified for the field 'x.$' could not be found in the input '{"other":1}'`,
  );
});

test('what fails in a catcher ends the execution instead of being caught again', () => {
  const execution = new Execution(
    machine({
      A: { ...CALL, Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.a.b', Next: 'B' }] },
      B: { Type: 'Succeed' },
    }),
    { a: 'text' },
  );
  execution.feed({ kind: 'task-failed', taskId: execution.task.taskId, error: 'x' });
  assert.equal(execution.state.status, 'FAILED');
  assert.equal(execution.state.error, 'States.ResultPathMatchFailure');
});

test('a task that is too late times out', () => {
  const execution = new Execution(machine({ A: { ...CALL, TimeoutSeconds: 5 } }));
  assert.equal(nextWakeMs(execution.state), IDENTITY.startedAtMs + 5000);
  execution.wake();
  assert.deepEqual(execution.types.slice(-2), ['LambdaFunctionTimedOut', 'ExecutionFailed']);
  assert.equal(execution.state.error, 'States.Timeout');
  assert.equal(execution.state.cause, undefined);
});

test('a heartbeat pushes the deadline of the next one out', () => {
  const execution = new Execution(
    machine({
      A: {
        ...CALL,
        Resource: `${INVOKE}.waitForTaskToken`,
        Parameters: { FunctionName: 'work', Payload: { 'token.$': '$$.Task.Token' } },
        HeartbeatSeconds: 10,
        Catch: [{ ErrorEquals: ['States.HeartbeatTimeout'], Next: 'B' }],
      },
      B: { Type: 'Succeed' },
    }),
  );
  const { taskId, input } = execution.task;
  assert.ok(input.includes(`token of ${IDENTITY.executionArn} ${taskId}`));
  execution.now += 9000;
  execution.feed({ kind: 'task-heartbeat', taskId });
  assert.equal(nextWakeMs(execution.state), IDENTITY.startedAtMs + 19_000);
  execution.wake();
  assert.deepEqual(execution.output, { Error: 'States.Timeout', Cause: '' });
});

test('a task that waits for its token shows that it was submitted', () => {
  const parameters = { FunctionName: 'work' };
  const resource = `${INVOKE}.waitForTaskToken`;
  const execution = new Execution(machine({ A: { ...CALL, Resource: resource, Parameters: parameters } }));
  const { taskId } = execution.task;
  assert.equal(pendingCommands(execution.machine, execution.state).length, 1);
  execution.feed({ kind: 'task-submitted', taskId, output: '{"StatusCode":200}' });
  assert.deepEqual(pendingCommands(execution.machine, execution.state), []);
  execution.feed({ kind: 'task-succeeded', taskId, output: '"done"' });
  assert.deepEqual(execution.types.slice(2), [
    'TaskScheduled',
    'TaskStarted',
    'TaskSubmitted',
    'TaskSucceeded',
    'TaskStateExited',
    'ExecutionSucceeded',
  ]);
});

test('a result that is too large fails the task, and a handler may take it', () => {
  const execution = new Execution(
    machine({
      A: { ...CALL, Catch: [{ ErrorEquals: ['States.DataLimitExceeded'], Next: 'B' }] },
      B: { Type: 'Succeed' },
    }),
  );
  const output = JSON.stringify('x'.repeat(262_143));
  execution.feed({ kind: 'task-succeeded', taskId: execution.task.taskId, output });
  assert.ok(execution.types.includes('LambdaFunctionFailed'));
  assert.deepEqual(execution.output, {
    Error: 'States.DataLimitExceeded',
    Cause: `The state/task '${FUNCTION}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  });
});

test('a template that names a large input thousands of times fails without being printed', () => {
  const fields = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`f${index}.$`, '$.a']));
  const definition = machine({ A: { Type: 'Pass', Parameters: fields, End: true } });
  const execution = new Execution(definition, { a: 'x'.repeat(200_000) });
  assert.equal(execution.state.error, 'States.DataLimitExceeded');
});

test('a wait ends when its time has come and not before', () => {
  const execution = new Execution(machine({ A: { Type: 'Wait', Seconds: 3, End: true } }));
  execution.now += 2999;
  assert.deepEqual(execution.feed({ kind: 'timer-fired' }).events, []);
  execution.now += 1;
  execution.feed({ kind: 'timer-fired' });
  assert.equal(execution.state.status, 'SUCCEEDED');
});

test('the time of the whole execution runs out at its deadline, however late the timer fires', () => {
  const wait = { Type: 'Wait', Seconds: 100, End: true };
  const execution = new Execution(machine({ A: wait }, { TimeoutSeconds: 7 }));
  const deadlineMs = IDENTITY.startedAtMs + 7000;
  assert.equal(nextWakeMs(execution.state), deadlineMs);
  execution.now = deadlineMs + 500;
  execution.feed({ kind: 'timer-fired' });
  assert.equal(execution.state.status, 'TIMED_OUT');
  assert.equal(execution.state.stoppedAtMs, deadlineMs);
  assert.deepEqual(execution.lastEvent, {
    type: 'ExecutionTimedOut',
    id: 3,
    previousEventId: 2,
    timestamp: deadlineMs,
    executionTimedOutEventDetails: { error: 'States.Timeout' },
  });
  assert.equal(nextWakeMs(execution.state), undefined);
});

test('a stopped execution says what it was told', () => {
  const execution = new Execution(machine({ A: CALL }));
  execution.feed({ kind: 'stop-requested', error: 'Enough', cause: 'of it' });
  assert.equal(execution.state.status, 'ABORTED');
  assert.deepEqual(execution.state.frames, []);
  const { state } = execution;
  assert.equal(execution.feed({ kind: 'stop-requested' }).state, state);
  const silent = new Execution(machine({ A: CALL }));
  silent.feed({ kind: 'stop-requested' });
  assert.deepEqual(
    (silent.lastEvent as { executionAbortedEventDetails: unknown }).executionAbortedEventDetails,
    {},
  );
});

const LOOP = machine({
  A: { Type: 'Pass', Next: 'B' },
  B: { Type: 'Choice', Choices: [{ Variable: '$.end', IsPresent: true, Next: 'C' }], Default: 'A' },
  C: { Type: 'Succeed' },
});

test('an endless loop yields after a bounded number of transitions', () => {
  const execution = new Execution(LOOP);
  assert.deepEqual(execution.commands, [{ kind: 'continue' }]);
  assert.equal(execution.events.length, 401);
  assert.deepEqual(pendingCommands(execution.machine, execution.state), [{ kind: 'continue' }]);
  execution.feed({ kind: 'continued' });
  assert.equal(execution.events.length, 801);
});

test('the event with the number of the cap is the failure', () => {
  const execution = new Execution(LOOP, {}, 500);
  execution.feed({ kind: 'continued' });
  assert.equal(execution.events.length, 500);
  assert.deepEqual(execution.lastEvent, {
    type: 'ExecutionFailed',
    id: 500,
    previousEventId: 499,
    timestamp: IDENTITY.startedAtMs,
    executionFailedEventDetails: {
      error: 'States.Runtime',
      cause: 'The execution reached the maximum number of history events (500).',
    },
  });
});

test('a choice that nothing matches fails the execution', () => {
  const execution = new Execution(
    machine({
      A: { Type: 'Choice', Choices: [{ Variable: '$.a', NumericEquals: 1, Next: 'B' }] },
      B: { Type: 'Succeed' },
    }),
    { a: 2 },
  );
  assert.equal(execution.state.error, 'States.Runtime');
});

test('variables named like members of every object are variables like any other', () => {
  const execution = new Execution(
    machine({
      A: { Type: 'Pass', Assign: { toString: 1, __proto__x: 2 }, Next: 'B' },
      B: { Type: 'Pass', Parameters: { 'a.$': '$toString', 'b.$': '$__proto__x' }, End: true },
    }),
  );
  assert.deepEqual(execution.output, { a: 1, b: 2 });
  const missing = new Execution(
    machine({ A: { Type: 'Pass', Parameters: { 'a.$': '$valueOf' }, End: true } }),
  );
  assert.equal(missing.state.error, 'States.Runtime');
});

test('an answer of a task that is no JSON fails the state where it is first looked into', () => {
  const execution = new Execution(machine({ A: { ...CALL, ResultPath: '$.r' } }));
  execution.feed({ kind: 'task-succeeded', taskId: execution.task.taskId, output: 'oops' });
  assert.equal(execution.state.status, 'FAILED');
});

test('a number that JavaScript cannot hold goes through paths and templates as it came', () => {
  const definition = machine({
    A: { Type: 'Pass', Parameters: { 'id.$': '$.id', 'text.$': "States.Format('{}', $.id)" }, Next: 'B' },
    B: {
      Type: 'Choice',
      Choices: [{ Variable: '$.id', NumericGreaterThan: 1, Next: 'C' }],
    },
    C: { Type: 'Pass', Result: 1, ResultPath: '$.x', End: true },
  });
  const compiled = parseStateMachine(JSON.stringify(definition), 'STANDARD');
  const state = createExecution(compiled, { ...IDENTITY, input: '{"id":12345678901234567890}' });
  const environment = { now: 1, random: seededRandom(1), region: 'us-east-1', taskToken: () => '' };
  assert.equal(
    step(compiled, state, { kind: 'started' }, environment).state.output,
    '{"id":12345678901234567890,"text":"12345678901234567890","x":1}',
  );
});

test('a document that a loop nests deeper and deeper fails its state, and nothing else', () => {
  const loop = machine({
    A: { Type: 'Pass', Parameters: { 'x.$': '$' }, Assign: { 'v.$': '$' }, Next: 'B' },
    B: { Type: 'Choice', Choices: [{ Variable: '$v', IsNull: true, Next: 'C' }], Default: 'A' },
    C: { Type: 'Succeed' },
  });
  const execution = new Execution(loop);
  for (let steps = 0; steps < 100 && execution.state.status === 'RUNNING'; steps += 1) {
    execution.feed({ kind: 'continued' });
  }
  assert.equal(execution.state.error, 'States.Runtime');
  assert.ok(execution.state.cause?.includes('nested deeper'));
});
