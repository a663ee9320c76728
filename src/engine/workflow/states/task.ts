/**
 * A Task state: hands out a task and waits for its outcome, a timeout or a heartbeat that does not come.
 *
 *     enter -> schedule -> task -> succeeded -> exit
 *                 ^          \
 *                 |           -> failed -> Retry: backoff -> schedule
 *                 +-----------------------------------+   -> Catch: exit to the handler's state
 */
import { invariant } from '../../../base/assert.ts';
import { ErrorName, runtimeError } from '../../../lang/asl/errors.ts';
import type { EvaluationScope } from '../../../lang/asl/scope.ts';
import type { SecondsField, TaskResource, TaskState } from '../../../lang/asl/types.ts';
import type { AwaitExecutionCommand, PerformTaskCommand, WorkflowInput } from '../commands.ts';
import { dataLimitError, Payload } from '../payload.ts';
import type { Failure } from '../recovery.ts';
import type { FrameDraft, Run } from '../run.ts';
import type { TaskActivity } from '../state.ts';
import type { StateBehavior } from './behavior.ts';
import { applyAssign, applyPath, applyResultPath, applyTemplate, invalidPath } from './data-flow.ts';
import { recover } from './recover.ts';

export const task: StateBehavior<TaskState> = {
  enter: schedule,

  wake(run, frame, state) {
    const { activity } = frame;
    if (activity.kind === 'backoff') {
      if (activity.atMs <= run.now) run.attempt(frame, () => schedule(run, frame, state));
    } else if (activity.kind === 'task') {
      const isLate = (activity.timeoutAtMs ?? Infinity) <= run.now;
      const isSilent = (activity.heartbeatAtMs ?? Infinity) <= run.now;
      if (isLate || isSilent) timeOut(run, frame, state, isLate ? undefined : ErrorName.heartbeatTimeout);
    }
  },

  recover: (run, frame, state, failure) => recover(run, frame, state, { failure }),
};

function schedule(run: Run, frame: FrameDraft, state: TaskState): void {
  const taskId = run.nextEventId;
  const { resource } = state;
  // Recorded: a nested execution may end the task of its parent by token, too.
  const hasToken = resource.kind === 'integration' && resource.pattern !== 'request-response';
  const token = hasToken ? run.environment.taskToken(run.identity.executionArn, taskId) : undefined;
  const scope = run.scope(frame, { taskToken: token });
  const filtered = applyPath(state.inputPath, frame.payload, scope);
  const input = applyTemplate(state.parameters, filtered, scope);
  if (input.isTooLarge) throw dataLimitError(nameOf(resource));
  const timeoutSeconds = secondsOf(state.timeout, 'TimeoutSecondsPath', { filtered, scope });
  const heartbeatSeconds = secondsOf(state.heartbeat, 'HeartbeatSecondsPath', { filtered, scope });
  const roleArn = credentialsOf(state, filtered, scope);
  const timeoutAtMs = timeoutSeconds === undefined ? undefined : run.now + timeoutSeconds * 1000;
  emitScheduled(run, frame, resource, [
    input.text,
    timeoutSeconds,
    heartbeatSeconds,
    roleArn === undefined ? undefined : JSON.stringify({ roleArn }),
  ]);
  const activity: TaskActivity = {
    kind: 'task',
    taskId,
    input: input.text,
    ...(roleArn === undefined ? {} : { credentialsRoleArn: roleArn }),
    ...(timeoutAtMs === undefined ? {} : { timeoutAtMs }),
    ...(heartbeatSeconds === undefined
      ? {}
      : { heartbeatSeconds, heartbeatAtMs: run.now + heartbeatSeconds * 1000 }),
  };
  frame.activity = activity;
  // The start is written with the schedule: one commit and one step less for each task, at the price that a task
  // which waits for a free process shows as started.
  if (resource.kind === 'function') run.emit(frame, 'LambdaFunctionStarted');
  else run.emit(frame, 'TaskStarted', resource.service, actionOf(resource));
  run.commands.push(performTask(resource, activity));
}

/** The command that hands out a task, at first and again after a crash. */
export function performTask(resource: TaskResource, activity: TaskActivity): PerformTaskCommand {
  const { taskId, input, credentialsRoleArn, timeoutAtMs } = activity;
  return {
    kind: 'perform-task',
    taskId,
    resource,
    input,
    ...(credentialsRoleArn === undefined ? {} : { credentialsRoleArn }),
    ...(timeoutAtMs === undefined ? {} : { timeoutAtMs }),
  };
}

type ScheduledValues = [
  input: string,
  timeout: number | undefined,
  heartbeat: number | undefined,
  credentials: string | undefined,
];

function emitScheduled(run: Run, frame: FrameDraft, resource: TaskResource, values: ScheduledValues): void {
  const [input, timeout, heartbeat, credentials] = values;
  if (resource.kind === 'function') {
    run.emit(frame, 'LambdaFunctionScheduled', resource.arn, input, timeout, credentials);
    return;
  }
  const { region } = run.environment;
  const names = [resource.service, actionOf(resource)];
  run.emit(frame, 'TaskScheduled', ...names, region, input, timeout, heartbeat, credentials);
}

type Integration = Extract<TaskResource, { readonly kind: 'integration' }>;

/** As events name it: `sendMessage.waitForTaskToken`. */
function actionOf({ action, pattern }: Integration): string {
  if (pattern === 'request-response') return action;
  return `${action}.${pattern === 'wait-for-task-token' ? 'waitForTaskToken' : pattern}`;
}

/** Whom a refusal for size names (recorded). */
function nameOf(resource: TaskResource): string {
  return resource.kind === 'function' ? resource.arn : resource.service;
}

function secondsOf(
  field: SecondsField,
  name: string,
  { filtered, scope }: { readonly filtered: Payload; readonly scope: EvaluationScope },
): number | undefined {
  if (field === undefined || typeof field === 'number') return field;
  let seconds;
  try {
    seconds = field.evaluate(filtered.value, scope);
  } catch (error) {
    throw invalidPath(field.text, error);
  }
  if (typeof seconds === 'number' && Number.isInteger(seconds) && seconds > 0) return seconds;
  throw runtimeError(
    `The ${name} parameter does not reference a positive integer: ${field.text} == ${JSON.stringify(seconds)}`,
  );
}

function credentialsOf(state: TaskState, filtered: Payload, scope: EvaluationScope): string | undefined {
  const role = state.credentialsRoleArn;
  if (role === undefined || typeof role === 'string') return role;
  try {
    const found = role.evaluate(filtered.value, scope);
    if (typeof found === 'string') return found;
  } catch (error) {
    throw invalidPath(role.text, error);
  }
  throw runtimeError(`The RoleArn of Credentials does not reference a string: ${role.text}`);
}

/** The task came back with a result; `output` is JSON text. */
export function taskSucceeded(run: Run, frame: FrameDraft, state: TaskState, output: string): void {
  const { resource } = state;
  forgetNested(frame);
  const answer = Payload.ofText(output);
  if (answer.isTooLarge) {
    const { error, message } = dataLimitError(nameOf(resource));
    taskFailed(run, frame, state, { error, cause: message });
    return;
  }
  if (resource.kind === 'function') run.emit(frame, 'LambdaFunctionSucceeded', output);
  else run.emit(frame, 'TaskSucceeded', resource.service, actionOf(resource), output);
  run.attempt(frame, () => {
    const scope = run.scope(frame);
    const result = applyTemplate(state.resultSelector, answer, scope);
    const joined = applyResultPath(state.resultPath, frame.payload, result);
    run.exit(frame, {
      output: applyPath(state.outputPath, joined, scope),
      assigned: applyAssign(state.assign, result, scope),
      next: state.next,
      source: nameOf(resource),
    });
  });
}

export function taskFailed(run: Run, frame: FrameDraft, state: TaskState, failure: Failure): void {
  const { resource } = state;
  const { error, cause } = failure;
  forgetNested(frame);
  if (resource.kind === 'function') run.emit(frame, 'LambdaFunctionFailed', error, cause);
  else run.emit(frame, 'TaskFailed', resource.service, actionOf(resource), error, cause);
  run.fail(frame, failure);
}

type Submission = Extract<WorkflowInput, { readonly kind: 'task-submitted' }>;

/** The call has been made; the outcome comes with the token, or with the nested execution. */
export function taskSubmitted(run: Run, frame: FrameDraft, state: TaskState, submission: Submission): void {
  const { resource } = state;
  const { activity } = frame;
  const { output, nestedExecutionArn } = submission;
  invariant(resource.kind === 'integration', 'only an integration waits for more than its answer');
  invariant(activity.kind === 'task', 'the frame awaits a task');
  run.emit(frame, 'TaskSubmitted', resource.service, actionOf(resource), output);
  const submitted: TaskActivity = {
    ...activity,
    isSubmitted: true,
    ...(nestedExecutionArn === undefined ? {} : { nestedExecutionArn }),
  };
  frame.activity = submitted;
  run.commands.push(...awaitNested(resource, submitted));
}

/** The command that waits for a nested execution, at first and again after a crash; none where there is none. */
export function awaitNested(
  resource: TaskResource,
  { taskId, nestedExecutionArn: executionArn }: TaskActivity,
): readonly AwaitExecutionCommand[] {
  if (executionArn === undefined || resource.kind === 'function') return [];
  const { pattern } = resource;
  if (pattern !== 'sync' && pattern !== 'sync:2') return [];
  return [{ kind: 'await-execution', taskId, executionArn, pattern }];
}

/**
 * The task is over, so whatever becomes of its frame does not stop the nested execution. On a timeout it runs on:
 * AWS names a stop, and the failure of a branch or an iteration beside it, as what aborts it.
 * https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-sync
 */
function forgetNested(frame: FrameDraft): void {
  const { activity } = frame;
  if (activity.kind !== 'task' || activity.nestedExecutionArn === undefined) return;
  const { nestedExecutionArn: _, ...rest } = activity;
  frame.activity = rest;
}

export function taskHeartbeat(run: Run, frame: FrameDraft, activity: TaskActivity): void {
  if (activity.heartbeatSeconds === undefined) return;
  frame.activity = { ...activity, heartbeatAtMs: run.now + activity.heartbeatSeconds * 1000 };
}

/** A missing heartbeat shows as States.Timeout as well (recorded); handlers may name either. */
function timeOut(run: Run, frame: FrameDraft, state: TaskState, alias: string | undefined): void {
  const { resource } = state;
  const error = ErrorName.timeout;
  forgetNested(frame);
  if (resource.kind === 'function') run.emit(frame, 'LambdaFunctionTimedOut', error);
  else run.emit(frame, 'TaskTimedOut', resource.service, actionOf(resource), error);
  run.fail(frame, { error, ...(alias === undefined ? {} : { alias }) });
}
