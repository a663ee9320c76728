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
 *                 (for `.waitForTaskToken`: task-submitted when the call returned, the outcome when the token comes)
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
import { invariant } from '../../base/assert.ts';
import type { StateMachine } from '../../lang/asl/types.ts';
import type { StepEnvironment, StepResult, WorkflowCommand, WorkflowInput } from './commands.ts';
import type { ExecutionIdentity, ExecutionState } from './state.ts';

/** A new execution of `machine`. The caller has checked the size and the JSON of the input. */
export function createExecution(_machine: StateMachine, _identity: ExecutionIdentity): ExecutionState {
  invariant(false, 'not written yet');
}

/** Takes the execution as far as it goes without waiting for anything. */
export function step(
  _machine: StateMachine,
  _state: ExecutionState,
  _input: WorkflowInput,
  _environment: StepEnvironment,
): StepResult {
  invariant(false, 'not written yet');
}

/** When the loop must feed `timer-fired`, in milliseconds since the epoch; undefined when nothing is due ever. */
export function nextWakeMs(_state: ExecutionState): number | undefined {
  return undefined;
}

/** The commands of a state whose performance a crash may have cut short. */
export function pendingCommands(_machine: StateMachine, _state: ExecutionState): readonly WorkflowCommand[] {
  return [];
}
