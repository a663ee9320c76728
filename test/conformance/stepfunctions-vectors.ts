/** The recorded vectors of Step Functions: reading them, and comparing what an execution did with what is recorded. */
import { existsSync, readFileSync } from 'node:fs';
import type { HistoryEvent } from '../../src/api/states.ts';
import type { HistoryRecord } from '../../src/engine/workflow/history.ts';
import { toHistoryEvent } from '../../src/engine/workflow/history.ts';
import type { ExecutionIdentity, ExecutionState } from '../../src/engine/workflow/state.ts';
import { createMatcher, isObject } from './vmatch.ts';

export interface Vector {
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

export const ACCOUNT = '111111111111';
const NAME = 'machine-1';
export const IDENTITY: Omit<ExecutionIdentity, 'input' | 'startedAtMs'> = {
  executionArn: `arn:aws:states:us-east-1:${ACCOUNT}:execution:${NAME}:run-1`,
  name: 'run-1',
  stateMachineArn: `arn:aws:states:us-east-1:${ACCOUNT}:stateMachine:${NAME}`,
  stateMachineName: NAME,
  roleArn: `arn:aws:iam::${ACCOUNT}:role/snf_role_arn`,
  redriveCount: 0,
};
export const STARTED_AT_MS = Date.UTC(2026, 10, 25);

export interface Outcome {
  readonly state: ExecutionState;
  readonly events: readonly HistoryRecord[];
}

export function definitionOf(vector: Vector): string {
  return vector.definition === undefined
    ? (vector.definition_text ?? '{}')
    : JSON.stringify(vector.definition);
}

export function inputOf(vector: Vector): string {
  if (vector.no_input) return '{}';
  return vector.input_text ?? JSON.stringify(vector.input);
}

/** What differs from the recording; empty when nothing does. */
export function differences(vector: Vector, { state, events }: Outcome): readonly string[] {
  const match = createMatcher(vector.mask_tokens ?? []);
  const { expected } = vector;
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

/** Recordings that no answer can match, by the end of their ids, each with the reason. */
const UNMATCHABLE: ReadonlyMap<string, string> = new Map([
  ['::test_reference_assign[BASE_REFERENCE_IN_WAIT]', 'the recorder masked a time inside of a JSON text'],
  ['::test_lambda_invoke_with_retry_extended_input', 'recorded before $$.Execution.RedriveCount existed'],
  [
    '::test_lambda_service_invoke_with_retry_extended_input',
    'recorded before $$.Execution.RedriveCount existed',
  ],
  ['::test_result_selector', 'the length of the answer holds that of a random name'],
]);

function reasonForMiss(id: string): string | undefined {
  return UNMATCHABLE.get(`::${id.split('::').at(-1) ?? ''}`);
}

export interface Score {
  passed: number;
  count: number;
}

/** Runs `check` over the vectors, prints a table by category and the misses, and returns the scores. */
export function score(
  title: string,
  vectors: readonly Vector[],
  check: (vector: Vector) => readonly string[],
): ReadonlyMap<string, Score> {
  const scores = new Map<string, Score>();
  const misses: string[] = [];
  for (const vector of vectors) {
    const found = check(vector);
    const reason = reasonForMiss(vector.id);
    if (found.length > 0 && reason !== undefined) {
      misses.push(`  unmatchable ${vector.id}: ${reason}`);
      continue;
    }
    const entry = scores.get(vector.category) ?? { passed: 0, count: 0 };
    scores.set(vector.category, entry);
    entry.count += 1;
    if (found.length === 0) entry.passed += 1;
    else misses.push(`  miss ${vector.id}: ${(found[0] ?? '').slice(0, 700)}`);
  }
  const rows = [...scores].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const lines = rows.map(([category, { passed, count }]) => `  ${category.padEnd(32)}${passed}/${count}`);
  process.stdout.write(`${[title, ...lines, ...misses].join('\n')}\n`);
  return scores;
}

export function total(scores: Iterable<readonly [string, Score]>): Score {
  const sum = { passed: 0, count: 0 };
  for (const [, { passed, count }] of scores) {
    sum.passed += passed;
    sum.count += count;
  }
  return sum;
}

export function loadVectors(): readonly Vector[] {
  return readFileSync(FILE, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Vector)
    .filter(({ evidence, time_dependent }) => evidence !== 'not-aws' && !time_dependent);
}

export const skip = existsSync(FILE) ? false : 'the recordings are not here (../shared/conformance)';
