/** What goes into a step of a workflow and what comes out of it; step.ts explains how the two are used. */
import type { ExecutionState, ExecutionStatus } from './state.ts';
import type { HistoryRecord } from './history.ts';
import type { TaskResource } from '../../lang/asl/types.ts';
import type { Random } from '../../base/random.ts';

export type WorkflowInput =
  /** The first input of an execution. */
  | { readonly kind: 'started' }
  /** Answers the command `continue`. */
  | { readonly kind: 'continued' }
  /** `output` is JSON text: a function's own result, or the response of an integration's action. */
  | { readonly kind: 'task-succeeded'; readonly taskId: number; readonly output: string }
  | {
      readonly kind: 'task-failed';
      readonly taskId: number;
      readonly error?: string;
      readonly cause?: string;
    }
  /**
   * An action that waits for a task token, or for the execution that it has started, has been called; `output` is
   * the JSON text of its response.
   */
  | {
      readonly kind: 'task-submitted';
      readonly taskId: number;
      readonly output: string;
      readonly nestedExecutionArn?: string;
    }
  | { readonly kind: 'task-heartbeat'; readonly taskId: number }
  /** `nextWakeMs(state)` has come. */
  | { readonly kind: 'timer-fired' }
  | { readonly kind: 'stop-requested'; readonly error?: string; readonly cause?: string };

/**
 * Perform the task and feed its outcome back under `taskId`. A function may be called twice when a crash intervenes;
 * an action of the platform is in one commit with its outcome.
 */
export interface PerformTaskCommand {
  readonly kind: 'perform-task';
  readonly taskId: number;
  readonly resource: TaskResource;
  /** JSON text: the payload of a function, or the parameters of an action. */
  readonly input: string;
  /** Role to act as (the state's Credentials) instead of the machine's own. */
  readonly credentialsRoleArn?: string;
  /** After this instant the outcome is no longer wanted. */
  readonly timeoutAtMs?: number;
}

/** Feed the outcome of the nested execution back under `taskId` once it has ended. */
export interface AwaitExecutionCommand {
  readonly kind: 'await-execution';
  readonly taskId: number;
  readonly executionArn: string;
  readonly pattern: 'sync' | 'sync:2';
}

export type WorkflowCommand =
  | PerformTaskCommand
  | AwaitExecutionCommand
  /** Stop a nested execution for which nobody waits any more, in the commit of the step that says so. */
  | { readonly kind: 'stop-execution'; readonly executionArn: string }
  /** The step was cut to stay short: feed `continued` after other executions had their turn. */
  | { readonly kind: 'continue' }
  /** The execution has ended; the same facts are in the state. Always the last command. */
  | {
      readonly kind: 'finish';
      readonly status: Exclude<ExecutionStatus, 'RUNNING'>;
      readonly output?: string;
      readonly error?: string;
      readonly cause?: string;
    };

/** Everything that a step may know of the world. */
export interface StepEnvironment {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** For jitter, States.UUID and States.MathRandom. */
  readonly random: Random;
  readonly region: string;
  /** The token of a task, a pure function of its arguments: it is asked for again after a crash. */
  readonly taskToken: (executionArn: string, taskId: number) => string;
  /** Replaces AWS's cap of 25,000 events. */
  readonly historyEventsMax?: number;
}

export interface StepResult {
  readonly state: ExecutionState;
  /** In order, to perform once `state` and `events` are durable. */
  readonly commands: readonly WorkflowCommand[];
  /** To append to the history, in order. */
  readonly events: readonly HistoryRecord[];
}
