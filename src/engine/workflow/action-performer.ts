/**
 * Performs the tasks that are actions of the platform itself: a message sent, an event put, an item written, an
 * execution started. What such a task does and what the workflow makes of it are one commit (rule 3 of
 * ARCHITECTURE.md), so it happens exactly once however often the process dies.
 *
 * The services check, perform and refuse as for any client (`ActionPort`); the words in which Step Functions tells of
 * it are in action-dialect.ts. Called by executions.ts, which brings the turn.
 */
import { invariant } from '../../base/assert.ts';
import { parseArn, type Scope } from '../../base/arn.ts';
import { isPlainObject } from '../../base/exact-json.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { StatesError } from '../../lang/asl/errors.ts';
import type { TaskResource } from '../../lang/asl/types.ts';
import type { Cause } from '../cause.ts';
import type { Turn } from '../loop.ts';
import type { ActionOutcome } from '../ports.ts';
import type { TraceEffect } from '../trace/trace-link.ts';
import { type ActionDialect, dialectOf, failureOf, outputOf } from './action-dialect.ts';
import type { PerformTaskCommand, WorkflowInput } from './commands.ts';
import { parsePayload } from './payload.ts';
import type { WorkflowPorts } from './ports.ts';
import { requestIdOf } from './request-id.ts';
import type { ExecutionIdentity } from './state.ts';

export interface ActionTask {
  readonly ports: Pick<WorkflowPorts, 'actions' | 'trace'>;
  readonly identity: ExecutionIdentity;
  readonly command: PerformTaskCommand;
}

/** Performs the action as a part of a turn, and answers the input of the step that the same turn has to hold. */
export type PreparedAction = (turn: Turn) => WorkflowInput;

type Integration = Extract<TaskResource, { readonly kind: 'integration' }>;

/** Whether a task is performed inside the platform. */
export function isAction(resource: TaskResource): boolean {
  return resource.kind === 'integration' && dialectOf(resource.service) !== undefined;
}

/** All that can be done of an action before its turn. Rejects only for a bug of ours. */
export async function prepareAction(task: ActionTask): Promise<PreparedAction> {
  const { taskId } = task.command;
  try {
    return await prepare(task, parametersOf(task.command, task.identity));
  } catch (error) {
    if (!(error instanceof StatesError)) throw error;
    return () => ({ kind: 'task-failed', taskId, error: error.error, cause: error.message });
  }
}

async function prepare(task: ActionTask, parameters: JsonObject): Promise<PreparedAction> {
  const { ports, identity, command } = task;
  const { taskId, resource } = command;
  invariant(resource.kind === 'integration', 'a function is no action');
  const dialect = dialectOf(resource.service);
  invariant(dialect !== undefined, 'an action has a dialect');
  const unreachable = unreachableHost(resource, parameters);
  if (unreachable !== undefined) {
    const cause = `Unable to execute HTTP request: ${unreachable}: Name or service not known`;
    return () => ({ kind: 'task-failed', taskId, error: 'SQS.SdkClientException', cause });
  }
  const requestId = requestIdOf(identity, taskId);
  const perform = await ports.actions.prepare({
    service: dialect.service,
    operation: resource.action.charAt(0).toUpperCase() + resource.action.slice(1),
    parameters,
    scope: scopeOf(command, identity),
    requestId,
    dates: dialect.dates,
  });
  return (turn) => {
    const outcome = perform(turn);
    if (outcome.kind === 'refused') {
      return { kind: 'task-failed', taskId, ...failureOf(dialect, outcome, requestId) };
    }
    const cause: Cause = { kind: 'execution', id: identity.executionArn };
    ports.trace.effect(turn, cause, effectOf(resource, outcome.answer, requestId));
    return answered({ dialect, resource, taskId, requestId, now: turn.now }, outcome);
  };
}

/** A role of another account acts there. */
function scopeOf({ credentialsRoleArn }: PerformTaskCommand, { executionArn }: ExecutionIdentity): Scope {
  const { account = '', region = '' } = parseArn(executionArn) ?? {};
  return { account: parseArn(credentialsRoleArn ?? '')?.account || account, region };
}

function parametersOf({ resource, input }: PerformTaskCommand, identity: ExecutionIdentity): JsonObject {
  const parameters = parsePayload(input);
  if (!isPlainObject(parameters)) return {};
  if (resource.kind === 'integration' && resource.service === 'events')
    return withOrigin(parameters, identity);
  return parameters;
}

/**
 * "The execution ARN and the state machine ARN are automatically appended to the Resources field of each
 * PutEventsRequestEntry." https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html
 */
function withOrigin(parameters: JsonObject, identity: ExecutionIdentity): JsonObject {
  const { Entries: entries } = parameters;
  if (!Array.isArray(entries)) return parameters;
  const origin = [identity.stateMachineArn, identity.executionArn];
  const named = (entries as readonly Json[]).map((entry): Json => {
    if (!isPlainObject(entry)) return entry;
    const { Resources: resources } = entry;
    return { ...entry, Resources: Array.isArray(resources) ? [...(resources as Json[]), ...origin] : origin };
  });
  return { ...parameters, Entries: named };
}

/**
 * The host of a queue's URL that has no queue in it. The SDK sends to the host of the URL; such a host is none of
 * ours, and nobody else is asked.
 */
function unreachableHost({ service, action }: Integration, parameters: JsonObject): string | undefined {
  const { QueueUrl: url } = parameters;
  if (service !== 'sqs' || action !== 'sendMessage' || typeof url !== 'string') return undefined;
  const parsed = URL.parse(url);
  return parsed?.protocol.startsWith('http') && parsed.pathname === '/' ? parsed.hostname : undefined;
}

/** What a trace says of an action: the thing that it made where that has an id of its own. */
function effectOf({ service, action }: Integration, answer: JsonObject, requestId: string): TraceEffect {
  const detail = { action: `${service}:${action}` };
  const { MessageId: messageId, ExecutionArn: executionArn } = answer;
  if (action === 'sendMessage' && typeof messageId === 'string')
    return { kind: 'message', id: messageId, detail };
  if (action === 'startExecution' && typeof executionArn === 'string')
    return { kind: 'execution', id: executionArn, detail };
  return { kind: 'request', id: requestId, detail };
}

interface AnswerContext {
  readonly dialect: ActionDialect;
  readonly resource: Integration;
  readonly taskId: number;
  readonly requestId: string;
  readonly now: number;
}

function answered(
  { dialect, resource, taskId, requestId, now }: AnswerContext,
  { answer, wireText }: Extract<ActionOutcome, { readonly kind: 'answered' }>,
): WorkflowInput {
  const output = outputOf(dialect, answer, { action: resource.action, wireText, requestId, now });
  const { FailedEntryCount: failedCount, ExecutionArn: executionArn } = answer;
  if (resource.service === 'events' && failedCount !== 0) {
    return { kind: 'task-failed', taskId, error: 'EventBridge.FailedEntry', cause: output };
  }
  if (resource.pattern === 'request-response') return { kind: 'task-succeeded', taskId, output };
  const isNested = resource.pattern !== 'wait-for-task-token' && typeof executionArn === 'string';
  return {
    kind: 'task-submitted',
    taskId,
    output,
    ...(isNested ? { nestedExecutionArn: executionArn } : {}),
  };
}
