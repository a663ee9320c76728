/**
 * Drives the pure core of workflows (parse, step) over the recorded executions, with no server and no waiting: when
 * nothing else is to do, the clock jumps to the next timer. Compares status, output, error, cause and the whole
 * history as the recordings' own scorer does.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import test from 'node:test';
import type { HistoryEvent } from '../../src/api/states.ts';
import { AwsError } from '../../src/base/errors.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { StepResult, WorkflowCommand, WorkflowInput } from '../../src/engine/workflow/commands.ts';
import { decodeHistoryChunk, encodeHistoryChunk, toHistoryEvent } from '../../src/engine/workflow/history.ts';
import type { HistoryRecord } from '../../src/engine/workflow/history.ts';
import type { ExecutionIdentity, ExecutionState } from '../../src/engine/workflow/state.ts';
import { createExecution, nextWakeMs, step } from '../../src/engine/workflow/step.ts';
import { parseStateMachine } from '../../src/lang/asl/parse.ts';
import { validateDefinition } from '../../src/lang/asl/validate.ts';
import { createMatcher, isObject } from './vmatch.ts';

interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly category: string;
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly definition?: unknown;
  readonly definition_text?: string;
  readonly create_params?: Record<string, unknown>;
  readonly input?: unknown;
  readonly input_text?: string;
  readonly no_input?: boolean;
  readonly expected: Record<string, unknown>;
  readonly needs: readonly string[];
  readonly features?: readonly string[];
  readonly evidence: string;
  readonly mask_tokens?: readonly string[];
  readonly time_dependent?: boolean;
  readonly events_normalised?: boolean;
}

const FILE = new URL('../../../shared/conformance/stepfunctions/vectors.jsonl', import.meta.url);

/** Modes and languages of later stages. */
const NOT_BUILT = /^(?:Map:DISTRIBUTED|QL:JSONata)/;

/** Share of vectors of the categories below that must pass. */
const TARGET = 0.98;
const TARGET_CATEGORIES = /^(?:base|wait|choice\.|map\.inline|parallel)/;

const ACCOUNT = '111111111111';
const NAME = 'machine-1';
const IDENTITY: Omit<ExecutionIdentity, 'input' | 'startedAtMs'> = {
  executionArn: `arn:aws:states:us-east-1:${ACCOUNT}:execution:${NAME}:run-1`,
  name: 'run-1',
  stateMachineArn: `arn:aws:states:us-east-1:${ACCOUNT}:stateMachine:${NAME}`,
  stateMachineName: NAME,
  roleArn: `arn:aws:iam::${ACCOUNT}:role/snf_role_arn`,
  redriveCount: 0,
};
const STARTED_AT_MS = Date.UTC(2026, 10, 25);

/** Steps of one execution before the test gives up on it. */
const STEPS_MAX = 1000;

interface Outcome {
  readonly state: ExecutionState;
  readonly events: readonly HistoryRecord[];
}

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

function definitionOf(vector: Vector): string {
  return vector.definition === undefined
    ? (vector.definition_text ?? '{}')
    : JSON.stringify(vector.definition);
}

function inputOf(vector: Vector): string {
  if (vector.no_input) return '{}';
  return vector.input_text ?? JSON.stringify(vector.input);
}

/** What differs from the recording; empty when nothing does. */
function differences(vector: Vector): readonly string[] {
  const match = createMatcher(vector.mask_tokens ?? []);
  const { expected } = vector;
  const { state, events } = execute(definitionOf(vector), inputOf(vector));
  const found: string[] = [];
  if (state.status !== expected['status']) {
    found.push(`status ${state.status}, ${state.cause ?? ''}; expected ${String(expected['status'])}`);
  }
  for (const member of ['output', 'error', 'cause'] as const) {
    if (member in expected && !match(expected[member], state[member])) {
      found.push(`${member} ${String(state[member])}; expected ${JSON.stringify(expected[member])}`);
    }
  }
  const recorded = expected['events'];
  if (!Array.isArray(recorded)) return found;
  const actual = events.map((event) => toHistoryEvent(event, true));
  const types = (list: readonly unknown[]): string =>
    list.map((event) => String((event as { type: string }).type)).join(' ');
  if (vector.events_normalised) return [...found, ...normalisedDifferences(recorded, actual, match)];
  if (types(actual) !== types(recorded)) return [...found, `events ${types(actual)}`];
  for (const [index, event] of recorded.entries()) {
    if (!includes(event, actual[index], match)) {
      found.push(`event ${JSON.stringify(actual[index])}; expected ${JSON.stringify(event)}`);
    }
  }
  return found;
}

/**
 * Events of branches that run at once were sorted by the recorder, which lost their ids and some of the events of
 * Parallel states: each recorded one must be among ours, nothing else but those may be, and the last has the
 * recorded id, so the number of events is right.
 */
function normalisedDifferences(
  recorded: readonly unknown[],
  actual: readonly HistoryEvent[],
  match: ReturnType<typeof createMatcher>,
): readonly string[] {
  const rest: unknown[] = actual.map(withoutIds);
  const found: string[] = [];
  for (const event of recorded) {
    const expected = withoutIds(event as object);
    const index = rest.findIndex((candidate) => includes(expected, candidate, match));
    if (index === -1) found.push(`missing event ${JSON.stringify(expected)}`);
    else rest.splice(index, 1);
  }
  const extra = rest.filter((event) => !(event as HistoryEvent).type.startsWith('Parallel'));
  found.push(...extra.map((event) => `more than recorded: ${JSON.stringify(event)}`));
  const lastId = (recorded.at(-1) as { id: unknown }).id;
  if (lastId !== actual.length) found.push(`${actual.length} events; expected ${String(lastId)}`);
  return found;
}

function withoutIds(event: object): object {
  return Object.fromEntries(
    Object.entries(event).filter(([key]) => key !== 'id' && key !== 'previousEventId'),
  );
}

/** Whether `actual` has all that is recorded; masks of whole structures are left to `match`. */
function includes(expected: unknown, actual: unknown, match: ReturnType<typeof createMatcher>): boolean {
  if (!isObject(expected) || !isObject(actual)) return match(expected, actual);
  return Object.entries(expected).every(
    ([key, value]) =>
      key === 'timestamp' || key === 'roleArn' || (key in actual && includes(value, actual[key], match)),
  );
}

interface Score {
  passed: number;
  count: number;
}

/** Runs `check` over the vectors, prints a table by category and the misses, and returns the scores. */
function score(
  title: string,
  vectors: readonly Vector[],
  check: (vector: Vector) => readonly string[],
): ReadonlyMap<string, Score> {
  const scores = new Map<string, Score>();
  const misses: string[] = [];
  for (const vector of vectors) {
    const entry = scores.get(vector.category) ?? { passed: 0, count: 0 };
    scores.set(vector.category, entry);
    entry.count += 1;
    const found = check(vector);
    if (found.length === 0) entry.passed += 1;
    else misses.push(`  miss ${vector.id}: ${(found[0] ?? '').slice(0, 700)}`);
  }
  const rows = [...scores].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const lines = rows.map(([category, { passed, count }]) => `  ${category.padEnd(32)}${passed}/${count}`);
  process.stdout.write(`${[title, ...lines, ...misses].join('\n')}\n`);
  return scores;
}

function total(scores: Iterable<readonly [string, Score]>): Score {
  const sum = { passed: 0, count: 0 };
  for (const [, { passed, count }] of scores) {
    sum.passed += passed;
    sum.count += count;
  }
  return sum;
}

function loadVectors(): readonly Vector[] {
  return readFileSync(FILE, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Vector)
    .filter(({ evidence, time_dependent }) => evidence !== 'not-aws' && !time_dependent);
}

const skip = existsSync(FILE) ? false : 'the recordings are not here (../shared/conformance)';

test('executions end and write their histories as recorded', { skip }, () => {
  const vectors = loadVectors().filter(
    ({ kind, needs, features }) =>
      kind === 'execution' &&
      needs.length === 0 &&
      !(features ?? []).some((feature) => NOT_BUILT.test(feature)),
  );
  const scores = score('Step Functions core, recorded executions', vectors, differences);
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
