/**
 * The state of one execution: plain data, so that a record of it is JSON. Payloads are kept as the JSON text that
 * came in (or was made), never parsed to be stored.
 *
 * An execution is a tree of *frames*. The root frame runs the states of the machine; a Parallel or Map state adds
 * a child frame per branch or iteration. A frame sits in one state, and its *activity* says what it waits for.
 */

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** What the context object and the events say of an execution; fixed when it starts. */
export interface ExecutionIdentity {
  readonly executionArn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
  readonly roleArn: string;
  /** JSON text of the input of StartExecution. */
  readonly input: string;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
  readonly redriveCount: number;
}

/** A task that was handed out and has not come back. */
export interface TaskActivity {
  readonly kind: 'task';
  /** Id of the event that scheduled it: unique in the execution, one per attempt. */
  readonly taskId: number;
  /** JSON text that was handed out, to hand it out again after a crash. */
  readonly input: string;
  readonly credentialsRoleArn?: string;
  /** The call has been made and is not to be made again: the outcome comes by token, or with the nested execution. */
  readonly isSubmitted?: true;
  /** The execution that was started and whose end is the task's: `.sync`. Stopped when the task is given up. */
  readonly nestedExecutionArn?: string;
  readonly timeoutAtMs?: number;
  readonly heartbeatSeconds?: number;
  /** When the next heartbeat must have come; set only with `heartbeatSeconds`. */
  readonly heartbeatAtMs?: number;
}

/** What a frame waits for. */
export type Activity =
  /** Nothing: the next step enters `Frame.state`. */
  | { readonly kind: 'ready' }
  | TaskActivity
  /** A Wait state. */
  | { readonly kind: 'wait'; readonly atMs: number }
  /** The pause before another attempt. */
  | { readonly kind: 'backoff'; readonly atMs: number }
  /** The frames that a Parallel or Map state runs. */
  | ChildrenActivity;

export interface ChildrenActivity {
  readonly kind: 'children';
  /** Outputs of the branches or iterations by index, as JSON texts; `null` until one has ended. */
  readonly results: readonly (string | null)[];
  /** How many have been started: a Map starts the rest as others end. */
  readonly startedCount: number;
}

/** JSON texts by name. Names are users' words: read with `Object.hasOwn`, build with `Object.fromEntries`. */
export type Variables = Readonly<Record<string, string>>;

export interface Frame {
  /** Unique in the execution; the root frame is 0. */
  readonly id: number;
  /** The frame whose Parallel or Map state runs this one, and as which branch or iteration; none for the root. */
  readonly parentId?: number;
  readonly index?: number;
  /** JSON text of the item of a Map that this frame is about. */
  readonly item?: string;
  /** Name of the state in which the frame is, or which it enters next while `ready`. */
  readonly state: string;
  /** JSON text of that state's input, before InputPath. */
  readonly input: string;
  readonly variables: Variables;
  /** Last event of this frame's chain: the `previousEventId` of its next one. */
  readonly previousEventId: number;
  /** Id and time of the event that entered the state; 0 while `ready`. */
  readonly enteredEventId: number;
  readonly enteredAtMs: number;
  /** Attempts used by each retrier of the state, by its index; empty until one is used. */
  readonly retryCounts: readonly number[];
  readonly activity: Activity;
}

export interface ExecutionState {
  readonly identity: ExecutionIdentity;
  /** Behaviour flags of the day when the execution started (see flags.ts). */
  readonly flags: readonly number[];
  readonly status: ExecutionStatus;
  /** Running frames, by rising id; empty when the execution has ended. */
  readonly frames: readonly Frame[];
  readonly lastEventId: number;
  /** When the whole execution times out, from the machine's TimeoutSeconds. */
  readonly deadlineMs?: number;
  /** Set when the execution has ended. */
  readonly stoppedAtMs?: number;
  /** JSON text; set when it SUCCEEDED. */
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}
