/**
 * The loop around `step`: it keeps the running executions in memory, commits what each step decided, and performs
 * its commands once that is on disk. What runs lives in memory, what has ended lives on disk alone.
 *
 *     input -> step -> commit (state, history chunk, index) -> commands -> (outcome) -> input ...
 *
 * While a step of an execution has not been fed back, nothing of it is lost by a crash: recovery loads the state,
 * performs the pending commands again under the same request ids, and arms the timer.
 *
 * A task that is an action of the platform (a message, an event, an item, a nested execution) is performed in the
 * turn of the step that takes its outcome: both are on disk, or neither is, so it is never done twice. A nested
 * execution that a task waits for tells those that wait for it, in memory, once its end is on disk; recovery asks
 * how it stands.
 */
import type { Timer } from '../../base/clock.ts';
import { AwsError, errorMessage } from '../../base/errors.ts';
import { uuid } from '../../base/ids.ts';
import { formatArn, type Scope } from '../../base/arn.ts';
import { key, prefixRange } from '../../storage/keys.ts';
import { scan } from '../../storage/scan.ts';
import type { Position } from '../../storage/store.ts';
import type { Cause } from '../cause.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';
import type { ExecutionStart } from '../ports.ts';
import { isAction, prepareAction, type PreparedAction } from './action-performer.ts';
import type {
  AwaitExecutionCommand,
  PerformTaskCommand,
  StepEnvironment,
  StepResult,
  WorkflowCommand,
  WorkflowInput,
} from './commands.ts';
import {
  decodeExecution,
  encodeExecution,
  encodeSummary,
  type ExecutionPlace,
  type ExecutionRecord,
  historyKey,
  indexKey,
  parseExecutionArn,
  placeKey,
} from './execution-record.ts';
import { encodeHistoryChunk } from './history.ts';
import { machineArn, type MachineRecord } from './machine-record.ts';
import type { Machines, Revision } from './machines.ts';
import { nestedOutcome } from './nested-outcome.ts';
import type { WorkflowPorts } from './ports.ts';
import type { ExecutionIdentity, ExecutionState, Frame, TaskActivity } from './state.ts';
import { createExecution, nextWakeMs, pendingCommands, step } from './step.ts';
import { performTask } from './task-performer.ts';
import { createTaskToken, parseTaskToken, type TaskTokenContent } from './task-token.ts';

interface Running {
  readonly place: ExecutionPlace;
  readonly revision: Revision;
  readonly cause: Cause | undefined;
  state: ExecutionState;
  position: Position;
  wake: { readonly atMs: number; readonly timer: Timer } | undefined;
  /** A step of it threw. It stays as it stood until it is stopped or the process starts again. */
  isQuarantined?: true;
}

export interface StartedExecution {
  readonly executionArn: string;
  readonly startedAtMs: number;
  /** Of the commit that started it: the same name and input may be started again, and the answer waits for that. */
  readonly position: Position;
}

/** An execution as it stands, running or ended. */
export interface FoundExecution extends ExecutionRecord {
  readonly position: Position;
}

export class Executions {
  readonly #loop: Loop;
  readonly #machines: Machines;
  readonly #ports: WorkflowPorts;
  readonly #running = new Map<string, Running>();
  /** Who waits for the end of a nested execution, by its ARN. */
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(loop: Loop, machines: Machines, ports: WorkflowPorts) {
    this.#loop = loop;
    this.#machines = machines;
    this.#ports = ports;
  }

  /** Reads back what ran and goes on with it. */
  start(): void {
    const { store, quarantine } = this.#loop;
    quarantine.each('execution', scan(store, prefixRange(key(KEYSPACE.execution))), ({ value }) =>
      this.#resume(decodeExecution(value)),
    );
  }

  close(): void {
    for (const { wake } of this.#running.values()) wake?.timer.cancel();
    this.#running.clear();
    this.#waiting.clear();
  }

  /** Starts an execution in the caller's commit. Throws `AwsError` before it changes anything. */
  begin(turn: Turn, start: Omit<ExecutionStart, 'cause'> & { readonly cause?: Cause }): StartedExecution {
    const machine = this.#machines.find(start.stateMachineArn);
    const revision = this.#machines.current(start.stateMachineArn);
    if (machine === undefined || revision === undefined) {
      throw new AwsError(
        'StateMachineDoesNotExist',
        `State Machine Does Not Exist: '${start.stateMachineArn}'`,
      );
    }
    const name = start.name ?? uuid(turn.random);
    const identity = toIdentity(machine, { name, input: start.input, now: turn.now });
    const earlier = start.name === undefined ? undefined : this.find(identity.executionArn);
    if (earlier !== undefined) return startedEarlier(earlier, identity);
    // A name of ours that is taken tells of randomness that repeats itself: never the end of the one that runs.
    if (this.#running.has(identity.executionArn)) throw internalFailure(identity.executionArn);
    const place: ExecutionPlace = {
      account: machine.account,
      region: machine.region,
      machine: machine.name,
      name,
    };
    const state = createExecution(revision.machine, identity);
    const running: Running = {
      place,
      revision,
      cause: start.cause,
      state,
      position: turn.position,
      wake: undefined,
    };
    const result = this.#step(running, { kind: 'started' });
    if (running.isQuarantined) {
      // It never was.
      this.#loop.quarantine.release('execution', identity.executionArn);
      throw internalFailure(identity.executionArn);
    }
    this.#running.set(identity.executionArn, running);
    this.#apply(turn, running, result);
    return { executionArn: identity.executionArn, startedAtMs: turn.now, position: turn.position };
  }

  find(executionArn: string): FoundExecution | undefined {
    const running = this.#running.get(executionArn);
    if (running !== undefined) return { ...toRecord(running), position: running.position };
    const place = parseExecutionArn(executionArn);
    const value = place && this.#loop.store.get(placeKey(KEYSPACE.executionEnded, place));
    // What has ended may have done so a moment ago: whoever reads it waits for all that was committed.
    return value && { ...decodeExecution(value), position: this.#loop.store.lastPosition };
  }

  /** Stops a running execution in the caller's commit; false when it does not run. Throws when it cannot be stopped. */
  stop(
    turn: Turn,
    executionArn: string,
    reason: { readonly error?: string; readonly cause?: string },
  ): boolean {
    const running = this.#running.get(executionArn);
    if (running === undefined) return false;
    this.#apply(turn, running, this.#step(running, { kind: 'stop-requested', ...reason }));
    if (running.state.status === 'RUNNING') throw internalFailure(executionArn);
    return true;
  }

  /** Stops every running execution of a machine that is being deleted. */
  stopAll(turn: Turn, scope: Scope, machine: string): void {
    const stateMachineArn = machineArn({ ...scope, name: machine });
    for (const running of this.#running.values()) {
      if (running.state.identity.stateMachineArn !== stateMachineArn) continue;
      this.#apply(turn, running, this.#step(running, { kind: 'stop-requested' }));
    }
  }

  /** The task that a token names. Throws `InvalidToken`, in words that do not repeat it (recorded). */
  requireToken(token: string): TaskTokenContent {
    const content = parseTaskToken(this.#ports.tokenKey, token);
    if (content === undefined) throw new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");
    return content;
  }

  /** Gives the outcome of a task that waits for its token. Throws `InvalidToken` or `TaskTimedOut`. */
  answerToken(turn: Turn, token: string, outcome: TokenOutcome): void {
    const content = this.requireToken(token);
    const running = this.#running.get(content.executionArn);
    if (running === undefined || openTask(running, content.taskId) === undefined) {
      throw new AwsError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
    }
    const result = this.#step(running, { ...outcome, taskId: content.taskId });
    if (running.isQuarantined) throw internalFailure(content.executionArn);
    this.#apply(turn, running, result);
  }

  #resume(record: ExecutionRecord): void {
    const { identity } = record.state;
    const place = parseExecutionArn(identity.executionArn);
    const revision = place && this.#machines.revision(place, place.machine, record.revisionId);
    if (place === undefined || revision === undefined) {
      this.#loop.quarantine.add('execution', identity.executionArn, 'its definition is missing');
      return;
    }
    const running: Running = {
      place,
      revision,
      cause: record.cause,
      state: record.state,
      position: 0,
      wake: undefined,
    };
    this.#running.set(identity.executionArn, running);
    const commands = this.#pending(running);
    queueMicrotask(() => {
      for (const command of commands) this.#perform(running, command);
      this.#arm(running);
    });
  }

  #pending(running: Running): readonly WorkflowCommand[] {
    try {
      return pendingCommands(running.revision.machine, running.state);
    } catch (error) {
      this.#setAside(running, `resumed: ${errorMessage(error)}`);
      return [];
    }
  }

  /** Feeds an outcome or a timer to an execution, in a turn of its own. */
  #feed(running: Running, input: WorkflowInput): void {
    const { executionArn } = running.state.identity;
    if (this.#running.get(executionArn) !== running) return;
    this.#loop.turn((turn) => this.#apply(turn, running, this.#step(running, input)));
  }

  /**
   * A throw is our bug: that one execution is set aside as it stands, and all others go on. It is still there for
   * whoever asks, so that its name is not given to another; all that it takes is to be stopped.
   */
  #step(running: Running, input: WorkflowInput): StepResult {
    const unchanged: StepResult = { state: running.state, commands: [], events: [] };
    if (running.isQuarantined && input.kind !== 'stop-requested') return unchanged;
    try {
      return step(running.revision.machine, running.state, input, this.#environment(running));
    } catch (error) {
      this.#setAside(running, `${input.kind}: ${errorMessage(error)}`);
      return unchanged;
    }
  }

  #setAside(running: Running, reason: string): void {
    this.#loop.quarantine.add('execution', running.state.identity.executionArn, reason);
    running.wake?.timer.cancel();
    running.isQuarantined = true;
  }

  #environment(running: Running): StepEnvironment {
    const { clock, random } = this.#loop;
    const { tokenKey } = this.#ports;
    return {
      now: clock.now(),
      random,
      region: running.place.region,
      taskToken: (executionArn, taskId) => createTaskToken(tokenKey, { executionArn, taskId }),
    };
  }

  /** Commits a step, and the end of the nested executions that it gives up, and of those below them. */
  #apply(turn: Turn, running: Running, result: StepResult): void {
    const givenUp = this.#record(turn, running, result);
    // Not by recursion: executions may nest as deep as a definition that starts itself goes on.
    for (const executionArn of givenUp) {
      const nested = this.#running.get(executionArn);
      if (nested === undefined) continue;
      givenUp.push(...this.#record(turn, nested, this.#step(nested, { kind: 'stop-requested' })));
    }
  }

  /** Answers the nested executions that are to be stopped. */
  #record(turn: Turn, running: Running, { state, commands, events }: StepResult): string[] {
    if (state === running.state && events.length === 0 && commands.length === 0) return [];
    const isNew = running.state.lastEventId === 0;
    running.state = state;
    running.position = turn.position;
    const [first] = events;
    if (first !== undefined) turn.put(historyKey(running.place, first.id), encodeHistoryChunk(events));
    if (state.status === 'RUNNING') {
      turn.put(placeKey(KEYSPACE.execution, running.place), encodeExecution(toRecord(running)));
      if (isNew) this.#putSummary(turn, running);
    } else {
      this.#end(turn, running, isNew);
    }
    this.#arm(running);
    if (commands.length > 0) {
      turn.afterCommit(() => {
        for (const command of commands) this.#perform(running, command);
      });
    }
    return commands.flatMap((command) => (command.kind === 'stop-execution' ? [command.executionArn] : []));
  }

  /** Moves an ended execution from memory to its place among the ended. */
  #end(turn: Turn, running: Running, isNew: boolean): void {
    if (!isNew) turn.delete(placeKey(KEYSPACE.execution, running.place));
    turn.put(placeKey(KEYSPACE.executionEnded, running.place), encodeExecution(toRecord(running)));
    this.#putSummary(turn, running);
    const { executionArn } = running.state.identity;
    this.#running.delete(executionArn);
    if (running.isQuarantined) this.#loop.quarantine.release('execution', executionArn);
    turn.afterCommit(() => {
      const waiting = this.#waiting.get(executionArn) ?? [];
      this.#waiting.delete(executionArn);
      for (const tell of waiting) tell();
    });
  }

  #putSummary(turn: Turn, { place, state }: Running): void {
    const { startedAtMs } = state.identity;
    const stopped = state.stoppedAtMs === undefined ? {} : { stoppedAtMs: state.stoppedAtMs };
    const summary = { name: place.name, status: state.status, startedAtMs, ...stopped };
    turn.put(indexKey(place, startedAtMs), encodeSummary(summary));
  }

  #arm(running: Running): void {
    const isAwake = running.state.status === 'RUNNING' && !running.isQuarantined;
    const atMs = isAwake ? nextWakeMs(running.state) : undefined;
    if (running.wake?.atMs === atMs) return;
    running.wake?.timer.cancel();
    running.wake = undefined;
    if (atMs === undefined) return;
    const timer = this.#loop.timers.at(atMs, () => {
      running.wake = undefined;
      this.#feed(running, { kind: 'timer-fired' });
      this.#arm(running);
    });
    running.wake = { atMs, timer };
  }

  #perform(running: Running, command: WorkflowCommand): void {
    switch (command.kind) {
      case 'continue':
        this.#feed(running, { kind: 'continued' });
        return;
      case 'finish':
      case 'stop-execution':
        return;
      case 'await-execution':
        this.#awaitNested(running, command);
        return;
      case 'perform-task':
        this.#performTask(running, command).catch((error: unknown) =>
          this.#loop.log.error({ error: errorMessage(error) }, 'a task could not be performed'),
        );
    }
  }

  async #performTask(running: Running, command: PerformTaskCommand): Promise<void> {
    const task = { loop: this.#loop, ports: this.#ports, identity: running.state.identity, command };
    const outcome = isAction(command.resource) ? await prepareAction(task) : await performTask(task);
    if (typeof outcome === 'function') this.#performAction(running, command, outcome);
    else this.#feed(running, outcome);
  }

  /** The effect of an action and the step that takes its outcome, in one turn. */
  #performAction(running: Running, { taskId }: PerformTaskCommand, action: PreparedAction): void {
    const { executionArn } = running.state.identity;
    if (this.#running.get(executionArn) !== running || running.isQuarantined) return;
    // It may have been stopped or timed out since the action was handed out: then it never happens.
    const task = openTask(running, taskId);
    if (task === undefined || task.isSubmitted) return;
    // Or its time ran out while the process was down: then the timer, which is due as well, has the word.
    const untilMs = Math.min(task.timeoutAtMs ?? Infinity, running.state.deadlineMs ?? Infinity);
    if (untilMs <= this.#loop.clock.now()) return;
    this.#loop.turn((turn) => {
      const outcome = action(turn);
      this.#apply(turn, running, this.#step(running, outcome));
      if (running.isQuarantined) this.#keepAsPerformed(turn, running, taskId);
    });
  }

  /** The step after an action threw: what has been done is on record, so that the next start does not do it again. */
  #keepAsPerformed(turn: Turn, running: Running, taskId: number): void {
    const frames = running.state.frames.map((frame): Frame => {
      const { activity } = frame;
      if (activity.kind !== 'task' || activity.taskId !== taskId) return frame;
      return { ...frame, activity: { ...activity, isSubmitted: true } };
    });
    this.#apply(turn, running, { state: { ...running.state, frames }, events: [], commands: [] });
  }

  /** Feeds the end of a nested execution to the task that waits for it, now or when it comes. */
  #awaitNested(running: Running, { taskId, executionArn, pattern }: AwaitExecutionCommand): void {
    const tell = (): void =>
      this.#feed(running, nestedOutcome(taskId, pattern, this.find(executionArn)?.state));
    if (!this.#running.has(executionArn)) {
      tell();
      return;
    }
    const waiting = this.#waiting.get(executionArn);
    if (waiting === undefined) this.#waiting.set(executionArn, [tell]);
    else waiting.push(tell);
  }
}

/** A task of an execution that has not come back. */
function openTask({ state }: Running, taskId: number): TaskActivity | undefined {
  for (const { activity } of state.frames) {
    if (activity.kind === 'task' && activity.taskId === taskId) return activity;
  }
  return undefined;
}

/** What SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat say of a task. */
export type TokenOutcome =
  | { readonly kind: 'task-succeeded'; readonly output: string }
  | { readonly kind: 'task-failed'; readonly error?: string; readonly cause?: string }
  | { readonly kind: 'task-heartbeat' };

function toRecord({ state, revision, cause }: Running): ExecutionRecord {
  return { state, revisionId: revision.revisionId, ...(cause === undefined ? {} : { cause }) };
}

function toIdentity(
  machine: MachineRecord,
  start: { readonly name: string; readonly input: string; readonly now: number },
): ExecutionIdentity {
  return {
    executionArn: formatArn('states', machine, `execution:${machine.name}:${start.name}`),
    name: start.name,
    stateMachineArn: machineArn(machine),
    stateMachineName: machine.name,
    roleArn: machine.roleArn,
    input: start.input,
    startedAtMs: start.now,
    redriveCount: 0,
  };
}

/** What a caller is told when a step threw; the log says more. Nothing has been changed. */
function internalFailure(executionArn: string): AwsError {
  return new AwsError('InternalFailure', `The execution ${executionArn} has run into a bug of Millrace.`, {
    fault: 'server',
  });
}

/** The same name with the same input answers the execution that runs; anything else is refused. */
function startedEarlier({ state, position }: FoundExecution, identity: ExecutionIdentity): StartedExecution {
  if (state.status !== 'RUNNING' || state.identity.input !== identity.input) {
    throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${identity.executionArn}'`);
  }
  return { executionArn: identity.executionArn, startedAtMs: state.identity.startedAtMs, position };
}
