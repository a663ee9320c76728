/**
 * Random machines, random outcomes, random crashes. Each run starts from a seed, which a failure prints. What must
 * hold of every execution is in `check`; what a crash must not change is compared with a run without one.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../base/json.ts';
import type { Random } from '../../base/random.ts';
import { randomBelow, seededRandom } from '../../base/random.ts';
import { parseStateMachine } from '../../lang/asl/parse.ts';
import { FUNCTION, IDENTITY } from '../../testing/workflow-fixture.ts';
import type { WorkflowCommand, WorkflowInput } from './commands.ts';
import type { HistoryRecord } from './history.ts';
import { decodeHistoryChunk, encodeHistoryChunk } from './history.ts';
import type { ExecutionState } from './state.ts';
import { createExecution, nextWakeMs, pendingCommands, step } from './step.ts';

const RUNS = 300;
const STEPS_MAX = 500;
const DEPTH_MAX = 2;

const PATHS = ['$', '$.a', '$.a.b', '$.list', '$.list[0]', '$.missing', '$$.State.Name', '$v', null];
const ERRORS = ['Busy', 'Bad', 'States.Timeout', 'States.TaskFailed'];

class Generator {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[randomBelow(this.#random, choices.length)] as T;
  }

  chance(percent: number): boolean {
    return randomBelow(this.#random, 100) < percent;
  }

  /** A machine of a few states; each leads to a later one or back to the first. */
  machine(depth: number): Record<string, Json> {
    const count = 1 + randomBelow(this.#random, 4);
    const names = Array.from({ length: count }, (_, index) => `S${depth}${index}`);
    const states = names.map((name, index) => {
      const next = names[index + 1];
      return [name, this.#state(depth, next === undefined ? { End: true } : { Next: next }, next ?? name)];
    });
    return { StartAt: names[0] ?? '', States: Object.fromEntries(states) as Json };
  }

  #filters(): Record<string, Json> {
    return {
      ...(this.chance(30) ? { InputPath: this.pick(PATHS) } : {}),
      ...(this.chance(20) ? { OutputPath: this.pick(PATHS) } : {}),
    };
  }

  #results(): Record<string, Json> {
    return {
      ...(this.chance(30) ? { ResultPath: this.pick(['$', '$.a', '$.a.b', null]) } : {}),
      ...(this.chance(20) ? { Assign: { 'v.$': this.pick(['$', '$.a']) } } : {}),
    };
  }

  #recovery(handler: string): Record<string, Json> {
    return {
      ...(this.chance(40)
        ? { Retry: [{ ErrorEquals: [this.pick(ERRORS)], IntervalSeconds: 1, MaxAttempts: 2 }] }
        : {}),
      ...(this.chance(40)
        ? { Catch: [{ ErrorEquals: ['States.ALL'], ...this.#results(), Next: handler }] }
        : {}),
    };
  }

  #state(depth: number, flow: Record<string, Json>, next: string): Json {
    const kinds = ['Pass', 'Task', 'Wait', 'Choice', 'Fail', 'Succeed', 'Parallel', 'Map'];
    const kind = this.pick(
      depth < DEPTH_MAX && flow['Next'] !== undefined ? kinds : ['Pass', 'Task', 'Wait'],
    );
    const common = { ...this.#filters(), ...flow };
    switch (kind) {
      case 'Pass':
        return {
          Type: 'Pass',
          ...common,
          ...this.#results(),
          ...(this.chance(30)
            ? { Parameters: { 'p.$': this.pick(['$', '$.a', '$.list', 'States.UUID()']) } }
            : {}),
        };
      case 'Task':
        return {
          Type: 'Task',
          Resource: FUNCTION,
          ...common,
          ...this.#results(),
          ...this.#recovery(next),
          ...(this.chance(30) ? { TimeoutSeconds: 3 } : {}),
        };
      case 'Wait':
        return { Type: 'Wait', Seconds: this.pick([0, 1, 5]), ...common };
      case 'Choice':
        return {
          Type: 'Choice',
          Choices: [{ Variable: '$.a', IsPresent: this.chance(50), Next: next }],
          Default: next,
        };
      case 'Parallel': {
        const branches = [this.machine(depth + 1), this.machine(depth + 1)];
        return { Type: 'Parallel', Branches: branches, ...common, ...this.#recovery(next) };
      }
      case 'Map':
        return {
          Type: 'Map',
          ItemProcessor: this.machine(depth + 1),
          ItemsPath: this.pick(['$.list', '$']),
          MaxConcurrency: this.pick([0, 1, 2]),
          ...common,
          ...this.#recovery(next),
        };
      default:
        // A state that ends early would leave the states behind it unreachable.
        return { Type: 'Pass', Result: { a: { b: 1 }, list: [1, 2, 3] }, ...common };
    }
  }
}

interface Run {
  readonly state: ExecutionState;
  readonly events: readonly HistoryRecord[];
}

/** The outcome of a task depends on nothing but the seed and the task, as with a function that is idempotent. */
function outcomeOf(seed: number, taskId: number): WorkflowInput | undefined {
  const generator = new Generator(seededRandom(seed * 1000 + taskId));
  if (generator.chance(10)) return undefined;
  if (generator.chance(30)) {
    return { kind: 'task-failed', taskId, error: generator.pick(ERRORS), cause: 'why' };
  }
  return { kind: 'task-succeeded', taskId, output: generator.pick(['1', '{"a":{"b":2}}', '[1,2]', 'null']) };
}

/** Runs a machine to its end. With `isCrashing` the state is lost and read back, as on disk, after every step. */
function execute(definition: string, seed: number, isCrashing: boolean): Run {
  const machine = parseStateMachine(definition, 'STANDARD');
  const input = '{"a":{"b":1},"list":[1,2]}';
  let state = createExecution(machine, { ...IDENTITY, input });
  let now = IDENTITY.startedAtMs;
  const events: HistoryRecord[] = [];
  let commands: WorkflowCommand[] = [];
  const isAnswered = (command: WorkflowCommand): boolean =>
    command.kind !== 'perform-task' || outcomeOf(seed, command.taskId) !== undefined;
  const feed = (next: WorkflowInput): void => {
    const random = seededRandom(seed + state.lastEventId);
    const result = step(machine, state, next, { now, random, region: 'r', taskToken: () => 'token' });
    state = result.state;
    if (result.events.length > 0) events.push(...decodeHistoryChunk(encodeHistoryChunk(result.events)));
    commands.push(...result.commands.filter(isAnswered));
    if (!isCrashing) return;
    state = JSON.parse(JSON.stringify(state)) as ExecutionState;
    // What was to be performed before the crash is performed again, and nothing else is.
    commands = commands.filter((command) => isAwaited(state, command));
    assert.deepEqual(pendingCommands(machine, state).filter(isAnswered), commands);
  };
  feed({ kind: 'started' });
  for (let steps = 0; steps < STEPS_MAX && state.status === 'RUNNING'; steps += 1) {
    const command = commands.shift();
    if (command?.kind === 'continue') feed({ kind: 'continued' });
    else if (command?.kind === 'perform-task') {
      const outcome = outcomeOf(seed, command.taskId);
      if (outcome !== undefined) feed(outcome);
    } else {
      const wakeMs = nextWakeMs(state);
      // A task without a timeout that never answers.
      if (wakeMs === undefined) break;
      now = wakeMs;
      feed({ kind: 'timer-fired' });
    }
  }
  return { state, events };
}

function isAwaited(state: ExecutionState, command: WorkflowCommand): boolean {
  if (command.kind !== 'perform-task') return command.kind === 'continue';
  return state.frames.some(({ activity }) => activity.kind === 'task' && activity.taskId === command.taskId);
}

/** What holds of every history. */
function check({ state, events }: Run): void {
  for (const [index, event] of events.entries()) {
    assert.equal(event.id, index + 1, 'ids have no gap');
    assert.ok(event.previousEventId < event.id, 'an event follows an earlier one');
  }
  const ends = events.filter(({ type }) => /^Execution(?!Started)/.test(type));
  assert.equal(ends.length, state.status === 'RUNNING' ? 0 : 1, 'an execution ends once');
  if (state.status === 'RUNNING') return;
  assert.equal(events.at(-1), ends[0], 'nothing follows the end');
  assert.deepEqual(state.frames, []);
}

test('random machines run to one end, and a crash after any step changes nothing', () => {
  const statuses = new Map<string, number>();
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const definition = JSON.stringify(new Generator(seededRandom(seed)).machine(0));
    try {
      const run = execute(definition, seed, false);
      check(run);
      assert.deepEqual(execute(definition, seed, true), run);
      statuses.set(run.state.status, (statuses.get(run.state.status) ?? 0) + 1);
    } catch (error) {
      throw new Error(`seed ${seed}: ${definition}`, { cause: error });
    }
  }
  // A generator whose machines all fail at once would prove nothing.
  assert.ok((statuses.get('SUCCEEDED') ?? 0) > RUNS / 4, JSON.stringify([...statuses]));
  assert.ok((statuses.get('FAILED') ?? 0) > RUNS / 20, JSON.stringify([...statuses]));
});
