/**
 * Drives the pure core of workflows (parse, step) over the recorded executions, with no server and no waiting: when
 * nothing else is to do, the clock jumps to the next timer. Compares status, output, error, cause and the whole
 * history as the recordings' own scorer does.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsError } from '../../src/base/errors.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { StepResult, WorkflowCommand, WorkflowInput } from '../../src/engine/workflow/commands.ts';
import { decodeHistoryChunk, encodeHistoryChunk } from '../../src/engine/workflow/history.ts';
import type { HistoryRecord } from '../../src/engine/workflow/history.ts';
import type { ExecutionState } from '../../src/engine/workflow/state.ts';
import { createExecution, nextWakeMs, step } from '../../src/engine/workflow/step.ts';
import { parseStateMachine } from '../../src/lang/asl/parse.ts';
import { validateDefinition } from '../../src/lang/asl/validate.ts';
import type { Outcome, Vector } from './stepfunctions-vectors.ts';
import {
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
import { createMatcher } from './vmatch.ts';

/** Modes and languages of later stages. */
const NOT_BUILT = /^(?:Map:DISTRIBUTED|QL:JSONata)/;

/** Share of vectors of the categories below that must pass. */
const TARGET = 0.98;
const TARGET_CATEGORIES = /^(?:base|wait|choice\.|map\.inline|parallel)/;

/** Steps of one execution before the test gives up on it. */
const STEPS_MAX = 1000;

/** Runs an execution until it ends or waits for nothing that time brings. */
function execute(definition: string, input: string): Outcome {
  const machine = parseStateMachine(definition, 'STANDARD');
  const random = seededRandom(1);
  let now = STARTED_AT_MS;
  let state = createExecution(machine, { ...IDENTITY, input, startedAtMs: now });
  const events: HistoryRecord[] = [];
  const commands: WorkflowCommand[] = [];
  const feed = (next: WorkflowInput): void => {
    const environment = { now, random, region: 'us-east-1', taskToken: () => 'token' };
    const result: StepResult = step(machine, state, next, environment);
    // What is stored and read back must be the same, so the rest of the run goes on with that.
    state = JSON.parse(JSON.stringify(result.state)) as ExecutionState;
    if (result.events.length > 0) events.push(...decodeHistoryChunk(encodeHistoryChunk(result.events)));
    commands.push(...result.commands);
  };
  feed({ kind: 'started' });
  for (let steps = 0; steps < STEPS_MAX && state.status === 'RUNNING'; steps += 1) {
    const wakeMs = nextWakeMs(state);
    if (commands.shift()?.kind === 'continue') feed({ kind: 'continued' });
    else if (commands.length === 0 && wakeMs === undefined) break;
    else if (commands.length === 0 && wakeMs !== undefined) {
      now = wakeMs;
      feed({ kind: 'timer-fired' });
    }
  }
  return { state, events };
}

test('executions end and write their histories as recorded', { skip }, () => {
  const vectors = loadVectors().filter(
    ({ kind, needs, features }) =>
      kind === 'execution' &&
      needs.length === 0 &&
      !(features ?? []).some((feature) => NOT_BUILT.test(feature)),
  );
  const scores = score('Step Functions core, recorded executions', vectors, (vector) =>
    differences(vector, execute(definitionOf(vector), inputOf(vector))),
  );
  const wanted = total([...scores].filter(([category]) => TARGET_CATEGORIES.test(category)));
  assert.ok(wanted.passed >= TARGET * wanted.count, `${wanted.passed} of ${wanted.count} pass`);
  const all = total(scores);
  assert.ok(all.passed >= TARGET * all.count, `${all.passed} of ${all.count} pass`);
});

/** The message of the error that CreateStateMachine would answer, or `undefined` when it accepts. */
function refusal(vector: Vector): string | undefined {
  try {
    parseStateMachine(definitionOf(vector), vector.type);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof AwsError);
    return `${error.code}: ${error.message}`;
  }
}

test('definitions are refused in the recorded words', { skip }, () => {
  const vectors = loadVectors().filter(
    ({ kind, create_params, features }) =>
      kind === 'create_error' && create_params === undefined && !features?.includes('QL:JSONata'),
  );
  const scores = score('Step Functions core, refused definitions', vectors, (vector) => {
    const match = createMatcher(vector.mask_tokens ?? []);
    const error = (vector.expected['api_error'] as { Error: { Code: string; Message: string } }).Error;
    const expected = `${error.Code}: ${error.Message}`;
    const actual = refusal(vector);
    return match(expected, actual) ? [] : [`${actual ?? 'accepted'}; expected ${expected}`];
  });
  const { passed, count } = total(scores);
  assert.ok(passed >= TARGET * count, `${passed} of ${count} pass`);
});

test('definitions are diagnosed in the recorded words', { skip }, () => {
  const vectors = loadVectors().filter(({ kind }) => kind === 'validate_definition');
  const scores = score('Step Functions core, diagnosed definitions', vectors, (vector) => {
    const match = createMatcher(vector.mask_tokens ?? []);
    const { diagnostics } = validateDefinition(definitionOf(vector), vector.type);
    const expected = vector.expected['diagnostics'];
    return match(expected, diagnostics)
      ? []
      : [`${JSON.stringify(diagnostics)}; ${JSON.stringify(expected)}`];
  });
  const { passed, count } = total(scores);
  assert.ok(passed >= TARGET * count, `${passed} of ${count} pass`);
});
