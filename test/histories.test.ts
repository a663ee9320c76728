/**
 * Replays recorded executions: what was fed to `step` must give the recorded events, byte for byte, in every later
 * version. A recording is never changed. A change of behaviour gets a flag (src/engine/workflow/flags.ts) and a
 * recording of its own: add a scenario below, then run this file once with RECORD_HISTORIES=1, which writes the
 * recordings that are missing and touches no other.
 */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { Json } from '../src/base/json.ts';
import { seededRandom } from '../src/base/random.ts';
import type { WorkflowInput } from '../src/engine/workflow/commands.ts';
import type { HistoryRecord } from '../src/engine/workflow/history.ts';
import { decodeHistoryChunk, encodeHistoryChunk } from '../src/engine/workflow/history.ts';
import type { ExecutionState } from '../src/engine/workflow/state.ts';
import { createExecution, step } from '../src/engine/workflow/step.ts';
import { parseStateMachine } from '../src/lang/asl/parse.ts';

const DIRECTORY = join(import.meta.dirname, 'histories');
const STARTED_AT_MS = Date.UTC(2026, 10, 25);
const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:work';

interface Feed {
  /** Milliseconds after the start. */
  readonly afterMs: number;
  readonly input: WorkflowInput;
}

interface Recording {
  readonly definition: Json;
  readonly input: Json;
  readonly feeds: readonly Feed[];
  /** State before the first feed: it holds the flags of the version that recorded. */
  readonly created: ExecutionState;
  /** One chunk for each feed, in base64. */
  readonly chunks: readonly string[];
  readonly ended: ExecutionState;
}

type Scenario = Pick<Recording, 'definition' | 'input' | 'feeds'>;

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'task-retry-catch': {
    definition: {
      StartAt: 'Prepare',
      States: {
        Prepare: {
          Type: 'Pass',
          Parameters: { 'id.$': "States.Format('{}-{}', $.kind, $.n)", 'random.$': 'States.UUID()' },
          Assign: { 'kept.$': '$.id' },
          ResultPath: '$.prepared',
          Next: 'Call',
        },
        Call: {
          Type: 'Task',
          Resource: FUNCTION,
          TimeoutSeconds: 30,
          Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 2, MaxAttempts: 2, JitterStrategy: 'FULL' }],
          Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.problem', Next: 'Decide' }],
          Next: 'Done',
        },
        Decide: {
          Type: 'Choice',
          Choices: [{ Variable: '$.problem.Error', StringMatches: 'Bu*', Next: 'Pause' }],
          Default: 'Done',
        },
        Pause: { Type: 'Wait', Seconds: 10, Next: 'Done' },
        Done: { Type: 'Pass', Parameters: { 'kept.$': '$kept', 'from.$': '$$.State.Name' }, End: true },
      },
    },
    input: { kind: 'order', n: 7 },
    feeds: [
      { afterMs: 0, input: { kind: 'started' } },
      { afterMs: 5, input: { kind: 'task-failed', taskId: 5, error: 'Busy', cause: 'first' } },
      { afterMs: 3000, input: { kind: 'timer-fired' } },
      { afterMs: 3005, input: { kind: 'task-failed', taskId: 8, error: 'Busy', cause: 'second' } },
      { afterMs: 9000, input: { kind: 'timer-fired' } },
      { afterMs: 9005, input: { kind: 'task-failed', taskId: 11, error: 'Busy', cause: 'third' } },
      { afterMs: 19_005, input: { kind: 'timer-fired' } },
    ],
  },
  'parallel-map': {
    definition: {
      StartAt: 'Both',
      States: {
        Both: {
          Type: 'Parallel',
          Branches: [
            { StartAt: 'Call', States: { Call: { Type: 'Task', Resource: FUNCTION, End: true } } },
            {
              StartAt: 'Each',
              States: {
                Each: {
                  Type: 'Map',
                  ItemsPath: '$.items',
                  MaxConcurrency: 2,
                  ItemSelector: { 'value.$': '$$.Map.Item.Value', 'index.$': '$$.Map.Item.Index' },
                  ItemProcessor: {
                    StartAt: 'One',
                    States: { One: { Type: 'Task', Resource: FUNCTION, End: true } },
                  },
                  End: true,
                },
              },
            },
          ],
          End: true,
        },
      },
    },
    input: { items: ['a', 'b', 'c'] },
    feeds: [
      { afterMs: 0, input: { kind: 'started' } },
      { afterMs: 10, input: { kind: 'task-succeeded', taskId: 12, output: '"A"' } },
      { afterMs: 11, input: { kind: 'task-succeeded', taskId: 5, output: '{"called":true}' } },
      { afterMs: 12, input: { kind: 'task-succeeded', taskId: 15, output: '"B"' } },
      { afterMs: 13, input: { kind: 'task-succeeded', taskId: 22, output: '"C"' } },
    ],
  },
  'heartbeat-and-deadline': {
    definition: {
      StartAt: 'Ask',
      TimeoutSeconds: 60,
      States: {
        Ask: {
          Type: 'Task',
          Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
          Parameters: { FunctionName: 'ask', Payload: { 'token.$': '$$.Task.Token' } },
          HeartbeatSeconds: 20,
          Catch: [{ ErrorEquals: ['States.HeartbeatTimeout'], Next: 'Rest' }],
          End: true,
        },
        Rest: { Type: 'Wait', Seconds: 100, End: true },
      },
    },
    input: {},
    feeds: [
      { afterMs: 0, input: { kind: 'started' } },
      { afterMs: 100, input: { kind: 'task-submitted', taskId: 3, output: '{"StatusCode":200}' } },
      { afterMs: 15_000, input: { kind: 'task-heartbeat', taskId: 3 } },
      { afterMs: 35_000, input: { kind: 'timer-fired' } },
      { afterMs: 60_400, input: { kind: 'timer-fired' } },
    ],
  },
};

/** Feeds a state as recorded, with the randomness that the recording was made with. */
function replay(scenario: Scenario, created: ExecutionState): Pick<Recording, 'chunks' | 'ended'> {
  const machine = parseStateMachine(JSON.stringify(scenario.definition), 'STANDARD');
  const random = seededRandom(11);
  const chunks: string[] = [];
  let state = created;
  for (const { afterMs, input } of scenario.feeds) {
    const now = STARTED_AT_MS + afterMs;
    const taskToken = (arn: string, taskId: number): string => `token of ${arn} for ${taskId}`;
    const result = step(machine, state, input, { now, random, region: 'us-east-1', taskToken });
    state = result.state;
    chunks.push(
      result.events.length === 0 ? '' : Buffer.from(encodeHistoryChunk(result.events)).toString('base64'),
    );
  }
  return { chunks, ended: state };
}

function record(scenario: Scenario): Recording {
  const machine = parseStateMachine(JSON.stringify(scenario.definition), 'STANDARD');
  const created = createExecution(machine, {
    executionArn: 'arn:aws:states:us-east-1:000000000000:execution:machine:run',
    name: 'run',
    stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:machine',
    stateMachineName: 'machine',
    roleArn: 'arn:aws:iam::000000000000:role/role',
    input: JSON.stringify(scenario.input),
    startedAtMs: STARTED_AT_MS,
    redriveCount: 0,
  });
  return { ...scenario, created, ...replay(scenario, created) };
}

function eventsOf(chunks: readonly string[]): readonly HistoryRecord[] {
  return chunks
    .filter((chunk) => chunk !== '')
    .flatMap((chunk) => decodeHistoryChunk(Buffer.from(chunk, 'base64')));
}

if (process.env['RECORD_HISTORIES'] === '1') {
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    const file = join(DIRECTORY, `${name}.json`);
    if (!existsSync(file)) writeFileSync(file, `${JSON.stringify(record(scenario), null, 1)}\n`);
  }
}

suite('recorded executions replay for ever', () => {
  for (const file of globSync('*.json', { cwd: DIRECTORY }).toSorted()) {
    test(file, () => {
      const recording = JSON.parse(readFileSync(join(DIRECTORY, file), 'utf8')) as Recording;
      const { chunks, ended } = replay(recording, recording.created);
      assert.deepEqual(eventsOf(chunks), eventsOf(recording.chunks));
      assert.deepEqual(chunks, recording.chunks, 'the bytes on disk are the same, too');
      assert.deepEqual(ended, recording.ended);
      assert.notEqual(ended.status, 'RUNNING', 'a recording reaches its end');
    });
  }

  test('every scenario is recorded', () => {
    const missing = Object.keys(SCENARIOS).filter((name) => !existsSync(join(DIRECTORY, `${name}.json`)));
    assert.deepEqual(missing, []);
  });
});
