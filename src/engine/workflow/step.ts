/**
 * The pure core of a workflow: one synchronous, total function from a state and an input to the next state, the
 * events that happened and the commands to perform. It has no clock, no randomness of its own and no I/O; its loop
 * (runner.ts) persists and performs.
 *
 *   const state = createExecution(machine, identity)          // not yet started: feed `started`
 *   const result = step(machine, state, input, environment)
 *
 * The loop commits `result.state` and `encodeHistoryChunk(result.events)` in one batch, then performs the commands:
 *
 *   perform-task  call the function or action, then feed task-succeeded or task-failed with the command's taskId
 *                 (for `.waitForTaskToken` and `.sync`: task-submitted when the call returned, the outcome when the
 *                 token comes or the nested execution has ended)
 *   await-execution  feed the outcome of a nested execution under the command's taskId once it has ended
 *   stop-execution   stop a nested execution, the one command that is performed in the commit of its step
 *   continue      feed `continued` on a later turn of the event loop
 *   finish        the execution has ended
 *
 * Timers are state, not commands: after each step the loop arms one timer per execution for `nextWakeMs(state)`
 * (undefined = none) and feeds `timer-fired` when it has come; task timeouts, heartbeats, waits, retry pauses and
 * the execution's own deadline are all in it. A `timer-fired` that comes early, an outcome of a task that is no
 * longer awaited, and any input to an ended execution change nothing: the result has the same state object, no
 * events and no commands, and needs no commit.
 *
 * After a crash the loop loads the state, performs `pendingCommands(state)` again and arms `nextWakeMs(state)`.
 *
 * Errors of users' definitions and data never throw: they fail the state, and through Retry and Catch or not the
 * execution. A throw out of `step` is a bug of ours (InvariantError); the execution is to be quarantined.
 */
import type { StateMachine } from '../../lang/asl/types.ts';
import type {
  AwaitExecutionCommand,
  PerformTaskCommand,
  StepEnvironment,
  StepResult,
  WorkflowCommand,
  WorkflowInput,
} from './commands.ts';
import { CURRENT_FLAGS } from './flags.ts';
import { stateOf } from './frame-tree.ts';
import type { FrameDraft } from './run.ts';
import { HistoryLimitReached, Run } from './run.ts';
import type { ExecutionIdentity, ExecutionState, Frame } from './state.ts';
import { STATE_BEHAVIORS } from './states/table.ts';
import {
  awaitNested,
  performTask,
  taskFailed,
  taskHeartbeat,
  taskSubmitted,
  taskSucceeded,
} from './states/task.ts';

/** A new execution of `machine`. The caller has checked the size and the JSON of the input. */
export function createExecution(machine: StateMachine, identity: ExecutionIdentity): ExecutionState {
  const root: Frame = {
    id: 0,
    state: machine.startAt,
    input: identity.input,
    variables: {},
    previousEventId: 0,
    enteredEventId: 0,
    enteredAtMs: 0,
    retryCounts: [],
    activity: { kind: 'ready' },
  };
  const { timeoutSeconds } = machine;
  return {
    identity,
    flags: CURRENT_FLAGS,
    status: 'RUNNING',
    frames: [root],
    lastEventId: 0,
    ...(timeoutSeconds === undefined ? {} : { deadlineMs: identity.startedAtMs + timeoutSeconds * 1000 }),
  };
}

/** Takes the execution as far as it goes without waiting for anything. */
export function step(
  machine: StateMachine,
  state: ExecutionState,
  input: WorkflowInput,
  environment: StepEnvironment,
): StepResult {
  if (state.status !== 'RUNNING') return { state, commands: [], events: [] };
  const run = new Run(machine, state, environment, STATE_BEHAVIORS);
  try {
    if (!applyInput(run, state, input)) return { state, commands: [], events: [] };
    run.advance();
  } catch (error) {
    if (!(error instanceof HistoryLimitReached)) throw error;
    run.endAtHistoryLimit();
  }
  return run.result();
}

/** False when the input means nothing in this state. */
function applyInput(run: Run, state: ExecutionState, input: WorkflowInput): boolean {
  switch (input.kind) {
    case 'started':
      if (state.lastEventId !== 0) return false;
      run.emitStarted();
      return true;
    case 'continued':
      return state.frames.some(({ activity }) => activity.kind === 'ready');
    case 'stop-requested':
      run.stop(input.error, input.cause);
      return true;
    case 'timer-fired':
      return applyTimer(run, state);
    case 'task-succeeded':
    case 'task-failed':
    case 'task-submitted':
    case 'task-heartbeat':
      return applyTaskInput(run, input);
  }
}

function applyTimer(run: Run, state: ExecutionState): boolean {
  if (state.deadlineMs !== undefined && state.deadlineMs <= run.now) {
    run.timeOut(state.deadlineMs);
    return true;
  }
  // A frame that wakes may end others, so the list is that of before.
  const due = run.frames.filter((frame) => (frameWakeMs(frame) ?? Infinity) <= run.now);
  for (const frame of due) {
    if (!run.hasEnded && run.frames.includes(frame)) wakeFrame(run, frame);
  }
  return due.length > 0;
}

function wakeFrame(run: Run, frame: FrameDraft): void {
  const frameState = run.stateOf(frame);
  const { wake } = run.behaviors[frameState.kind];
  run.attempt(frame, () => wake?.(run, frame, frameState as never));
}

type TaskInput = Extract<WorkflowInput, { readonly taskId: number }>;

function applyTaskInput(run: Run, input: TaskInput): boolean {
  const frame = run.frames.find(
    ({ activity }) => activity.kind === 'task' && activity.taskId === input.taskId,
  );
  if (frame?.activity.kind !== 'task') return false;
  const taskState = run.stateOf(frame);
  if (taskState.kind !== 'Task') return false;
  const { activity } = frame;
  run.attempt(frame, () => {
    switch (input.kind) {
      case 'task-succeeded':
        taskSucceeded(run, frame, taskState, input.output);
        break;
      case 'task-failed':
        taskFailed(run, frame, taskState, { error: input.error, cause: input.cause });
        break;
      case 'task-submitted':
        taskSubmitted(run, frame, taskState, input);
        break;
      case 'task-heartbeat':
        taskHeartbeat(run, frame, activity);
    }
  });
  return true;
}

/** When the loop must feed `timer-fired`, in milliseconds since the epoch; undefined when nothing is due ever. */
export function nextWakeMs(state: ExecutionState): number | undefined {
  let earliest = state.deadlineMs ?? Infinity;
  for (const frame of state.frames) earliest = Math.min(earliest, frameWakeMs(frame) ?? Infinity);
  return earliest === Infinity ? undefined : earliest;
}

function frameWakeMs({ activity }: Frame): number | undefined {
  switch (activity.kind) {
    case 'wait':
    case 'backoff':
      return activity.atMs;
    case 'task': {
      const earliest = Math.min(activity.timeoutAtMs ?? Infinity, activity.heartbeatAtMs ?? Infinity);
      return earliest === Infinity ? undefined : earliest;
    }
    case 'ready':
    case 'children':
      return undefined;
  }
}

/** The commands of a state whose performance a crash may have cut short, in the order in which they were given. */
export function pendingCommands(machine: StateMachine, state: ExecutionState): readonly WorkflowCommand[] {
  const tasks = state.frames.flatMap((frame): readonly (PerformTaskCommand | AwaitExecutionCommand)[] => {
    const { activity } = frame;
    if (activity.kind !== 'task') return [];
    const frameState = stateOf(machine, state.frames, frame);
    if (frameState.kind !== 'Task') return [];
    const { resource } = frameState;
    return activity.isSubmitted ? awaitNested(resource, activity) : [performTask(resource, activity)];
  });
  tasks.sort((a, b) => a.taskId - b.taskId);
  const isReady = state.frames.some(({ activity }) => activity.kind === 'ready');
  return isReady ? [...tasks, { kind: 'continue' }] : tasks;
}
