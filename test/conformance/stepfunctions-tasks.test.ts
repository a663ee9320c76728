/**
 * Drives recorded executions whose tasks call functions: the pure core, the real performer of tasks, and handlers
 * that answer as the recorded ones did. The clock jumps to the next timer when no task can answer.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsError } from '../../src/base/errors.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { FunctionAnswer, SyncFunctionCall } from '../../src/engine/function/ports.ts';
import type { Loop } from '../../src/engine/loop.ts';
import type { WorkflowCommand, WorkflowInput } from '../../src/engine/workflow/commands.ts';
import type { HistoryRecord } from '../../src/engine/workflow/history.ts';
import type { WorkflowPorts } from '../../src/engine/workflow/ports.ts';
import { createExecution, nextWakeMs, step } from '../../src/engine/workflow/step.ts';
import { performTask } from '../../src/engine/workflow/task-performer.ts';
import { parseStateMachine } from '../../src/lang/asl/parse.ts';
import { SimClock } from '../../src/testing/sim-clock.ts';
import type { Outcome, Vector } from './stepfunctions-vectors.ts';
import {
  ACCOUNT,
  definitionOf,
  differences,
  IDENTITY,
  inputOf,
  loadVectors,
  score,
  skip,
  STARTED_AT_MS,
  total,
} from './stepfunctions-vectors.ts';

/** Share of the vectors that must pass. */
const TARGET = 0.98;

const STEPS_MAX = 1000;

type Handler = (call: SyncFunctionCall) => FunctionAnswer | undefined;

/** A Python handler that raised: its runtime prints JSON with blanks. */
function raised(type: string, message: string, raise: string): Handler {
  return ({ requestId }) => {
    const members = { errorMessage: message, errorType: type, requestId, stackTrace: [`  ${raise}\n`] };
    const pairs = Object.entries(members).map(([key, value]) => `"${key}": ${JSON.stringify(value)}`);
    return { payloadText: `{${pairs.join(', ')}}`, functionError: 'Unhandled', executedVersion: '$LATEST' };
  };
}

function answered(payloadText: string): FunctionAnswer {
  return { payloadText, executedVersion: '$LATEST' };
}

/** By the name of the recorded handler's file; `undefined` = it does not answer in time. */
const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['id_function.py', ({ payloadText }) => answered(payloadText)],
  [
    'raise_exception.py',
    raised(
      'Exception',
      'Some exception was raised.',
      'File "/var/task/handler.py", line 2, in handler\n    raise Exception("Some exception was raised.")',
    ),
  ],
  [
    'raise_custom_exception.py',
    raised(
      'CustomException',
      '',
      'File "/var/task/handler.py", line 9, in handler\n    raise CustomException()',
    ),
  ],
  ['return_bytes_str.py', () => answered('"HelloWorld!"')],
  ['large_output_string.py', () => answered(JSON.stringify('a'.repeat(257 * 1024)))],
  ['wait_60_seconds.py', () => undefined],
]);

interface FunctionFixture {
  readonly n: number;
  readonly op: string;
  readonly params: { readonly func_name?: string; readonly handler_file?: string };
}

function functionsOf(vector: Vector): readonly FunctionFixture[] {
  const { setup = [] } = vector as Vector & { readonly setup?: readonly FunctionFixture[] };
  return setup.filter(({ op }) => op === 'create_lambda_function');
}

function handlerOf(vector: Vector, functionArn: string): Handler | undefined {
  const fixture = functionsOf(vector).find(({ params }) =>
    functionArn.includes(`:${params.func_name ?? ''}`),
  );
  return HANDLERS.get(fixture?.params.handler_file?.split('/').at(-1) ?? '');
}

/** Runs an execution with its functions until it ends. */
async function execute(vector: Vector): Promise<Outcome> {
  const definition = definitionOf(vector).replaceAll(
    /\$\{s(\d+)\.CreateFunctionResponse\.FunctionArn\}/g,
    (_, n) => {
      const fixture = functionsOf(vector).find((candidate) => candidate.n === Number(n));
      return `arn:aws:lambda:us-east-1:${ACCOUNT}:function:${fixture?.params.func_name ?? ''}`;
    },
  );
  const machine = parseStateMachine(definition, 'STANDARD');
  const clock = new SimClock(STARTED_AT_MS);
  let now = STARTED_AT_MS;
  const identity = { ...IDENTITY, input: inputOf(vector), startedAtMs: now };
  let state = createExecution(machine, identity);
  const events: HistoryRecord[] = [];
  const commands: WorkflowCommand[] = [];
  const random = seededRandom(1);
  const feed = (input: WorkflowInput): void => {
    const result = step(machine, state, input, {
      now,
      random,
      region: 'us-east-1',
      taskToken: () => 'token',
    });
    state = result.state;
    events.push(...result.events);
    commands.push(...result.commands);
  };
  let isSilent = false;
  const invoke = (call: SyncFunctionCall): Promise<FunctionAnswer> => {
    const handler = handlerOf(vector, call.functionArn);
    if (handler === undefined) {
      const message = `Function not found: ${call.functionArn}:$LATEST`;
      return Promise.reject(new AwsError('ResourceNotFoundException', message, { httpStatus: 404 }));
    }
    const answer = handler(call);
    isSilent = answer === undefined;
    const log = call.wantsLogTail === true ? { logTail: 'bG9n' } : {};
    return Promise.resolve({ ...(answer ?? answered('null')), ...log });
  };
  const loop = { clock, turn: (decide: (turn: object) => unknown) => decide({}) } as unknown as Loop;
  const ports = { functions: { invoke }, trace: { effect: () => {} } } as unknown as WorkflowPorts;
  feed({ kind: 'started' });
  for (let steps = 0; steps < STEPS_MAX && state.status === 'RUNNING'; steps += 1) {
    const command = commands.shift();
    if (command?.kind === 'perform-task') {
      isSilent = false;
      const outcome = await performTask({ loop, ports, identity, command });
      if (!isSilent) feed(typeof outcome === 'function' ? loop.turn(outcome) : outcome);
    } else if (command?.kind === 'continue') {
      feed({ kind: 'continued' });
    } else {
      const wakeMs = nextWakeMs(state);
      if (wakeMs === undefined) break;
      now = wakeMs;
      feed({ kind: 'timer-fired' });
    }
  }
  return { state, events };
}

test('executions whose tasks call functions write their histories as recorded', { skip }, async () => {
  const vectors = loadVectors().filter(
    ({ kind, needs, features, category }) =>
      kind === 'execution' &&
      needs.length === 1 &&
      needs[0] === 'lambda' &&
      !(features ?? []).some((feature) => /^(?:QL:JSONata|Map:DISTRIBUTED)/.test(feature)) &&
      category !== 'activity' &&
      category !== 'mock_config',
  );
  const outcomes = new Map<string, readonly string[]>();
  for (const vector of vectors) {
    try {
      outcomes.set(vector.id, differences(vector, await execute(vector)));
    } catch (error) {
      outcomes.set(vector.id, [String(error)]);
    }
  }
  const scores = score(
    'Step Functions, executions that call functions',
    vectors,
    ({ id }) => outcomes.get(id) ?? [],
  );
  const { passed, count } = total(scores);
  assert.ok(passed >= TARGET * count, `${passed} of ${count} pass`);
});
