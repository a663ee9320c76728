/**
 * The working copy of one step: frames that may be changed, the events and commands so far, and the moves that all
 * kinds of states share (enter, exit, fail, finish). step.ts makes one per step and throws it away when something
 * throws, so that a failed step changes nothing. The kinds themselves are in states/; they reach each other only
 * through the table that step.ts hands in.
 */
import { invariant } from '../../base/assert.ts';
import type { Json } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import type { HistoryEventType } from '../../api/states.ts';
import { StatesError } from '../../lang/asl/errors.ts';
import type { State, StateMachine } from '../../lang/asl/types.ts';
import type { StepEnvironment, StepResult, WorkflowCommand } from './commands.ts';
import type { MapItem, ScopeFacts } from './frame-scope.ts';
import { FrameScope } from './frame-scope.ts';
import { descendantsOf, parentOf, stateOf } from './frame-tree.ts';
import type { HistoryRecord, HistoryValue } from './history.ts';
import { HISTORY_EVENTS_MAX, STEP_SIZE_BYTES_MAX, TRANSITIONS_PER_STEP_MAX } from './limits.ts';
import { dataLimitError, parsePayload, Payload } from './payload.ts';
import type { Failure } from './recovery.ts';
import type { ExecutionIdentity, ExecutionState, ExecutionStatus, Frame, Variables } from './state.ts';
import type { StateBehaviors } from './states/behavior.ts';

/** A frame that this step may change. */
export type FrameDraft = { -readonly [Member in keyof Frame]: Frame[Member] } & {
  /** The state's input; its text is `input`. */
  payload: Payload;
};

/** What a state leaves behind. */
export interface Exit {
  readonly output: Payload;
  /** Variables that its Assign set, as JSON texts. */
  readonly assigned?: Variables | undefined;
  /** `undefined` = the frame ends here. */
  readonly next: string | undefined;
  /** Whom to name when the output is too large. */
  readonly source?: string;
}

/** A branch or an iteration to run. */
export interface ChildStart {
  readonly index: number;
  /** JSON text of the item of a Map. */
  readonly item?: string;
  readonly startAt: string;
  readonly input: Payload;
  readonly previousEventId: number;
}

/** Thrown when the next event would be the one past the cap; ends the execution. */
export class HistoryLimitReached extends Error {
  override readonly name = 'HistoryLimitReached';
}

export class Run {
  readonly machine: StateMachine;
  readonly environment: StepEnvironment;
  readonly identity: ExecutionIdentity;
  readonly behaviors: StateBehaviors;
  readonly commands: WorkflowCommand[] = [];
  readonly #before: ExecutionState;
  readonly #events: HistoryRecord[] = [];
  #frames: FrameDraft[];
  #lastEventId: number;
  #transitionsLeft = TRANSITIONS_PER_STEP_MAX;
  #sizeLeft = STEP_SIZE_BYTES_MAX;
  #ended: Partial<ExecutionState> | undefined;

  constructor(
    machine: StateMachine,
    before: ExecutionState,
    environment: StepEnvironment,
    behaviors: StateBehaviors,
  ) {
    this.machine = machine;
    this.environment = environment;
    this.identity = before.identity;
    this.behaviors = behaviors;
    this.#before = before;
    this.#frames = before.frames.map((frame) => ({ ...frame, payload: Payload.ofText(frame.input) }));
    this.#lastEventId = before.lastEventId;
  }

  get now(): number {
    return this.environment.now;
  }

  get nextEventId(): number {
    return this.#lastEventId + 1;
  }

  get hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** Frames in the order of their ids, as they are now. */
  get frames(): readonly FrameDraft[] {
    return this.#frames;
  }

  get rootFrame(): FrameDraft {
    const [root] = this.#frames;
    invariant(root !== undefined, 'a running execution has a root frame');
    return root;
  }

  stateOf(frame: FrameDraft): State {
    return stateOf(this.machine, this.#frames, frame);
  }

  scope(frame: FrameDraft, facts: ScopeFacts = {}): FrameScope {
    return new FrameScope(this, frame, this.stateOf(frame), facts);
  }

  /** The item of the innermost Map around a frame. */
  mapItemOf(frame: FrameDraft): MapItem | undefined {
    for (
      let around: FrameDraft | undefined = frame;
      around !== undefined;
      around = parentOf(this.#frames, around)
    ) {
      const { index, item } = around;
      if (item !== undefined && index !== undefined) return { index, value: parsePayload(item) };
    }
    return undefined;
  }

  /** Adds an event to the chain of a frame and returns its id. */
  emit(frame: FrameDraft, type: HistoryEventType, ...values: readonly HistoryValue[]): number {
    const id = this.#append(frame.previousEventId, type, values);
    frame.previousEventId = id;
    return id;
  }

  /** Adds an event that follows the chain of a frame without being a link of it. */
  emitAside(frame: FrameDraft, type: HistoryEventType): void {
    this.#append(frame.previousEventId, type, []);
  }

  /** The first event of all, which is in no chain. */
  emitStarted(): void {
    this.#append(0, 'ExecutionStarted', [this.identity.input, this.identity.roleArn]);
  }

  #append(previousEventId: number, type: HistoryEventType, values: readonly HistoryValue[]): number {
    const id = this.#lastEventId + 1;
    if (id >= (this.environment.historyEventsMax ?? HISTORY_EVENTS_MAX)) throw new HistoryLimitReached();
    this.#push({ id, previousEventId, atMs: this.now, type, values });
    return id;
  }

  #push(event: HistoryRecord): void {
    this.#lastEventId = event.id;
    this.#events.push(event);
  }

  /** Enters states until every frame waits for something or the step has done its share. */
  advance(): void {
    for (let frame = this.#nextReady(); frame !== undefined; frame = this.#nextReady()) {
      if (this.#transitionsLeft <= 0 || this.#sizeLeft <= 0) {
        this.commands.push({ kind: 'continue' });
        return;
      }
      this.#transitionsLeft -= 1;
      this.#enter(frame);
    }
  }

  #nextReady(): FrameDraft | undefined {
    if (this.hasEnded) return undefined;
    return this.#frames.find(({ activity }) => activity.kind === 'ready');
  }

  #enter(frame: FrameDraft): void {
    const state = this.stateOf(frame);
    this.#sizeLeft -= frame.input.length;
    frame.enteredEventId = this.emit(frame, `${state.kind}StateEntered`, state.name, frame.input);
    frame.enteredAtMs = this.now;
    frame.retryCounts = [];
    this.attempt(frame, () => this.behaviors[state.kind].enter(this, frame, state as never));
  }

  /** Runs a part of a state; what fails in it fails the state. */
  attempt(frame: FrameDraft, part: () => void): void {
    try {
      part();
    } catch (error) {
      if (!(error instanceof StatesError)) throw error;
      this.fail(frame, this.#toFailure(frame, error));
    }
  }

  /** Leaves the state of a frame for the next one, or ends the frame. Throws `StatesError` for a large output. */
  exit(frame: FrameDraft, { output, assigned, next, source }: Exit): void {
    const state = this.stateOf(frame);
    invariant(state.kind !== 'Fail', 'a Fail state is never left');
    if (output.isTooLarge) throw dataLimitError(source ?? state.name);
    const hasAssigned = assigned !== undefined && Object.keys(assigned).length > 0;
    this.emit(
      frame,
      `${state.kind}StateExited`,
      state.name,
      output.text,
      hasAssigned ? JSON.stringify(assigned) : undefined,
    );
    if (hasAssigned) frame.variables = { ...frame.variables, ...assigned };
    if (next === undefined) {
      this.#complete(frame, output);
      return;
    }
    frame.state = next;
    frame.payload = output;
    frame.input = output.text;
    frame.enteredEventId = 0;
    frame.enteredAtMs = 0;
    frame.activity = { kind: 'ready' };
  }

  /** Adds a frame for a branch or an iteration of the state in which `frame` is. */
  startChild(frame: FrameDraft, start: ChildStart): FrameDraft {
    const { index, item, startAt, input, previousEventId } = start;
    const child: FrameDraft = {
      id: (this.#frames.at(-1)?.id ?? 0) + 1,
      parentId: frame.id,
      index,
      ...(item === undefined ? {} : { item }),
      state: startAt,
      input: input.text,
      payload: input,
      variables: frame.variables,
      previousEventId,
      enteredEventId: 0,
      enteredAtMs: 0,
      retryCounts: [],
      activity: { kind: 'ready' },
    };
    this.#frames.push(child);
    return child;
  }

  /** Drops all frames below a frame, with an event for what each of them was in. */
  abortChildren(frame: FrameDraft): void {
    const dropped = descendantsOf(this.#frames, frame);
    for (const child of dropped.toReversed()) {
      const { kind } = this.stateOf(child);
      const isActive = child.activity.kind !== 'ready';
      if (isActive && (kind === 'Task' || kind === 'Wait' || kind === 'Parallel' || kind === 'Map')) {
        this.emit(child, `${kind}StateAborted`);
      }
    }
    this.#giveUpNested(dropped);
    this.#remove(dropped);
  }

  /** Nobody waits any more for the executions that these frames have started. */
  #giveUpNested(frames: readonly FrameDraft[]): void {
    for (const { activity } of frames) {
      if (activity.kind !== 'task' || activity.nestedExecutionArn === undefined) continue;
      this.commands.push({ kind: 'stop-execution', executionArn: activity.nestedExecutionArn });
    }
  }

  #remove(frames: readonly FrameDraft[]): void {
    this.#frames = this.#frames.filter((frame) => !frames.includes(frame));
  }

  #complete(frame: FrameDraft, output: Payload): void {
    const parent = parentOf(this.#frames, frame);
    if (parent !== undefined) {
      this.#remove([frame]);
      const state = this.stateOf(parent);
      this.behaviors[state.kind].childCompleted?.(this, parent, state as never, { child: frame, output });
      return;
    }
    this.emit(frame, 'ExecutionSucceeded', output.text);
    this.#end('SUCCEEDED', { output: output.text });
  }

  /** A state failed: its own handlers take it, or the frame fails with it. */
  fail(frame: FrameDraft, failure: Failure): void {
    const state = this.stateOf(frame);
    const { recover } = this.behaviors[state.kind];
    try {
      if (recover?.(this, frame, state as never, failure) !== true) this.#finishFailed(frame, failure);
    } catch (error) {
      // What fails in a handler (its ResultPath, its Assign) is not handled again: it could fail for ever.
      if (!(error instanceof StatesError)) throw error;
      this.#finishFailed(frame, this.#toFailure(frame, error));
    }
  }

  /** A failed evaluation as handlers and events see it. */
  #toFailure(frame: FrameDraft, error: StatesError): Failure {
    if (!error.isLocated) return { error: error.error, cause: error.message };
    const place = `'${frame.state}' (entered at the event id #${frame.enteredEventId})`;
    const cause = `An error occurred while executing the state ${place}. ${error.message}`;
    return { error: error.error, cause };
  }

  #finishFailed(frame: FrameDraft, failure: Failure): void {
    const parent = parentOf(this.#frames, frame);
    if (parent !== undefined) {
      this.#remove([frame]);
      const state = this.stateOf(parent);
      this.behaviors[state.kind].childFailed?.(this, parent, state as never, { child: frame, failure });
      return;
    }
    const { error, cause } = failure;
    this.emit(frame, 'ExecutionFailed', error, cause);
    this.#end('FAILED', reason(error, cause));
  }

  stop(error: string | undefined, cause: string | undefined): void {
    this.emit(this.rootFrame, 'ExecutionAborted', error, cause);
    this.#end('ABORTED', reason(error, cause));
  }

  /** The execution's own time is up: it ends at its deadline, however late the timer fires (measured). */
  timeOut(deadlineMs: number): void {
    const previousEventId = this.rootFrame.previousEventId;
    const error = 'States.Timeout';
    this.#push({
      id: this.nextEventId,
      previousEventId,
      atMs: deadlineMs,
      type: 'ExecutionTimedOut',
      values: [error, undefined],
    });
    this.#end('TIMED_OUT', { error }, deadlineMs);
  }

  /** Ends the execution with the event that the cap allows last. */
  endAtHistoryLimit(): void {
    const id = this.nextEventId;
    const error = 'States.Runtime';
    const cause = `The execution reached the maximum number of history events (${id}).`;
    const { previousEventId } = this.rootFrame;
    this.#push({ id, previousEventId, atMs: this.now, type: 'ExecutionFailed', values: [error, cause] });
    this.commands.length = 0;
    this.#end('FAILED', { error, cause });
  }

  #end(
    status: Exclude<ExecutionStatus, 'RUNNING'>,
    outcome: { readonly output?: string; readonly error?: string; readonly cause?: string },
    stoppedAtMs: number = this.now,
  ): void {
    this.#ended = { status, stoppedAtMs, ...outcome };
    this.#giveUpNested(this.#frames);
    this.commands.push({ kind: 'finish', status, ...outcome });
  }

  result(): StepResult {
    const { deadlineMs: _deadline, ...rest } = this.#before;
    const state: ExecutionState =
      this.#ended === undefined
        ? { ...this.#before, frames: this.#frames.map(toFrame), lastEventId: this.#lastEventId }
        : { ...rest, ...this.#ended, frames: [], lastEventId: this.#lastEventId };
    return { state, commands: this.commands, events: this.#events };
  }
}

/** Values of an Assign template as the texts in which variables are kept. */
export function toVariables(assigned: Json): Variables {
  invariant(isJsonObject(assigned), 'validation has checked that Assign is an object');
  return Object.fromEntries(Object.entries(assigned).map(([name, value]) => [name, JSON.stringify(value)]));
}

function reason(
  error: string | undefined,
  cause: string | undefined,
): { readonly error?: string; readonly cause?: string } {
  return { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
}

function toFrame(draft: FrameDraft): Frame {
  const { payload: _, ...frame } = draft;
  return frame;
}
