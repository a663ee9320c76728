/** Drives the pure core of one execution in tests: feeds it, moves its clock, keeps all that came out of it. */
import assert from 'node:assert/strict';
import type { Json } from '../base/json.ts';
import { seededRandom } from '../base/random.ts';
import type {
  PerformTaskCommand,
  StepResult,
  WorkflowCommand,
  WorkflowInput,
} from '../engine/workflow/commands.ts';
import type { HistoryRecord } from '../engine/workflow/history.ts';
import { toHistoryEvent } from '../engine/workflow/history.ts';
import type { ExecutionIdentity, ExecutionState } from '../engine/workflow/state.ts';
import { createExecution, nextWakeMs, step } from '../engine/workflow/step.ts';
import { parseStateMachine } from '../lang/asl/parse.ts';

export const IDENTITY: Omit<ExecutionIdentity, 'input'> = {
  executionArn: 'arn:aws:states:us-east-1:000000000000:execution:machine:run',
  name: 'run',
  stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:machine',
  stateMachineName: 'machine',
  roleArn: 'arn:aws:iam::000000000000:role/role',
  startedAtMs: 1_000_000,
  redriveCount: 0,
};

export const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:work';
export const INVOKE = 'arn:aws:states:::lambda:invoke';

/** One execution under test: what it was fed and all that came out of it. */
export class Execution {
  readonly machine;
  readonly events: HistoryRecord[] = [];
  readonly commands: WorkflowCommand[] = [];
  state: ExecutionState;
  now = IDENTITY.startedAtMs;
  readonly #historyEventsMax: number | undefined;

  constructor(definition: Json, input: Json = {}, historyEventsMax?: number) {
    this.machine = parseStateMachine(JSON.stringify(definition), 'STANDARD');
    this.state = createExecution(this.machine, { ...IDENTITY, input: JSON.stringify(input) });
    this.#historyEventsMax = historyEventsMax;
    this.feed({ kind: 'started' });
  }

  feed(input: WorkflowInput): StepResult {
    const result = step(this.machine, this.state, input, {
      now: this.now,
      random: seededRandom(3),
      region: 'us-east-1',
      taskToken: (executionArn, taskId) => `token of ${executionArn} ${taskId}`,
      ...(this.#historyEventsMax === undefined ? {} : { historyEventsMax: this.#historyEventsMax }),
    });
    this.state = result.state;
    this.events.push(...result.events);
    this.commands.push(...result.commands);
    return result;
  }

  /** Moves the clock to the next timer and fires it. */
  wake(): void {
    const wakeMs = nextWakeMs(this.state);
    assert.ok(wakeMs !== undefined, 'nothing is due');
    this.now = wakeMs;
    this.feed({ kind: 'timer-fired' });
  }

  get task(): PerformTaskCommand {
    const command = this.commands.findLast(({ kind }) => kind === 'perform-task');
    assert.ok(command?.kind === 'perform-task', 'no task was handed out');
    return command;
  }

  /** All tasks that were handed out. */
  get tasks(): PerformTaskCommand[] {
    return this.commands.filter((command) => command.kind === 'perform-task');
  }

  get types(): string[] {
    return this.events.map(({ type }) => type);
  }

  get lastEvent(): unknown {
    const event = this.events.at(-1);
    return event && toHistoryEvent(event, true);
  }

  get output(): unknown {
    return this.state.output === undefined ? undefined : (JSON.parse(this.state.output) as unknown);
  }
}

export function machine(states: Record<string, Json>, rest: Record<string, Json> = {}): Json {
  return { StartAt: Object.keys(states)[0] ?? '', States: states, ...rest };
}
