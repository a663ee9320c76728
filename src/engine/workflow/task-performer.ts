/**
 * Performs the tasks that call functions, and turns what came of them into the next input of `step`. Results and
 * errors have the shapes in which AWS shows them in histories (recorded from the service). Actions of the platform
 * itself are in action-performer.ts: they do not leave it, and need not be performed twice.
 */
import { formatHttpDate } from '../../base/clock.ts';
import { AwsError, errorMessage } from '../../base/errors.ts';
import type { Json } from '../../base/json.ts';
import { isJsonObject, parseJson } from '../../base/json.ts';
import { parseArn } from '../../base/arn.ts';
import type { Cause } from '../cause.ts';
import type { FunctionAnswer } from '../function/ports.ts';
import type { Loop } from '../loop.ts';
import type { PreparedAction } from './action-performer.ts';
import type { PerformTaskCommand, WorkflowInput } from './commands.ts';
import type { WorkflowPorts } from './ports.ts';
import { requestIdOf } from './request-id.ts';
import type { ExecutionIdentity } from './state.ts';

export interface PerformTask {
  readonly loop: Loop;
  readonly ports: WorkflowPorts;
  readonly identity: ExecutionIdentity;
  readonly command: PerformTaskCommand;
}

/**
 * The outcome of a call; or, for one that is only put down to be made later, what puts it down in the turn of the
 * step. Never rejects for what a function did: a failure is an outcome, too.
 */
export async function performTask(task: PerformTask): Promise<WorkflowInput | PreparedAction> {
  const { resource, taskId } = task.command;
  try {
    if (resource.kind === 'function') return await callFunction(task, resource.arn);
    if (resource.service === 'lambda' && resource.action === 'invoke') return await invokeLambda(task);
    const name = `${resource.service}:${resource.action}`;
    return {
      kind: 'task-failed',
      taskId,
      error: 'States.Runtime',
      cause: `${name} is not implemented by Millrace yet.`,
    };
  } catch (error) {
    if (error instanceof AwsError) return lambdaError(taskId, requestIdOf(task.identity, taskId), error);
    return { kind: 'task-failed', taskId, error: 'Lambda.SdkClientException', cause: errorMessage(error) };
  }
}

async function callFunction(task: PerformTask, functionArn: string): Promise<WorkflowInput> {
  const { taskId, input } = task.command;
  const answer = await invoke(task, functionArn, input);
  if (answer.functionError !== undefined) return functionError(taskId, answer);
  return { kind: 'task-succeeded', taskId, output: answer.payloadText };
}

/** `arn:aws:states:::lambda:invoke`: parameters are those of Lambda's Invoke, the result is its whole answer. */
async function invokeLambda(task: PerformTask): Promise<WorkflowInput | PreparedAction> {
  const { taskId, resource } = task.command;
  const parameters = parseJson(task.command.input);
  const name = isJsonObject(parameters) ? parameters['FunctionName'] : undefined;
  if (!isJsonObject(parameters) || typeof name !== 'string') {
    throw new AwsError('ValidationException', 'FunctionName is required.');
  }
  const qualifier = typeof parameters['Qualifier'] === 'string' ? `:${parameters['Qualifier']}` : '';
  const payload = payloadText(parameters['Payload']);
  const functionArn = toFunctionArn(name, task.identity) + qualifier;
  if (parameters['InvocationType'] === 'Event') return enqueueLambda(task, functionArn, payload);
  const answer = await invoke(task, functionArn, payload, parameters['LogType'] === 'Tail');
  if (answer.functionError !== undefined) {
    // Recorded: this integration shows the error printed anew, a function by its ARN as the handler printed it.
    const compact = JSON.stringify(parseJson(answer.payloadText));
    return functionError(taskId, { ...answer, payloadText: compact });
  }
  const output = invokeResult(task, {
    payloadText: answer.payloadText,
    version: answer.executedVersion,
    status: 200,
    logTail: answer.logTail,
  });
  const isWaiting = resource.kind === 'integration' && resource.pattern === 'wait-for-task-token';
  return { kind: isWaiting ? 'task-submitted' : 'task-succeeded', taskId, output };
}

/** Recorded: null is no payload, and a string is sent as the JSON text that it holds. */
function payloadText(payload: Json | undefined): string {
  if (payload === undefined || payload === null) return '{}';
  return typeof payload === 'string' ? payload : JSON.stringify(payload);
}

/** An asynchronous call is a record of the platform, so it is made in one commit with the step, and once. */
function enqueueLambda(task: PerformTask, functionArn: string, payloadText: string): PreparedAction {
  const { ports, identity, command } = task;
  const { taskId } = command;
  const cause: Cause = { kind: 'execution', id: identity.executionArn };
  const requestId = requestIdOf(identity, taskId);
  return (turn) => {
    try {
      ports.functions.enqueueAsync(turn, { functionArn, payloadText, cause, requestId });
    } catch (error) {
      if (error instanceof AwsError) return lambdaError(taskId, requestId, error);
      throw error;
    }
    ports.trace.effect(turn, cause, { kind: 'invocation', id: requestId, detail: { function: functionArn } });
    const output = invokeResult(task, { payloadText: '""', version: '$LATEST', status: 202 });
    return { kind: 'task-succeeded', taskId, output };
  };
}

async function invoke(
  task: PerformTask,
  functionArn: string,
  payloadText: string,
  wantsLogTail = false,
): Promise<FunctionAnswer> {
  const { loop, ports, identity, command } = task;
  const cause: Cause = { kind: 'execution', id: identity.executionArn };
  const requestId = requestIdOf(identity, command.taskId);
  loop.turn((turn) =>
    ports.trace.effect(turn, cause, { kind: 'invocation', id: requestId, detail: { function: functionArn } }),
  );
  return ports.functions.invoke({ functionArn, payloadText, requestId, cause, wantsLogTail });
}

function toFunctionArn(name: string, { executionArn }: ExecutionIdentity): string {
  if (name.startsWith('arn:')) return name;
  const { region, account } = parseArn(executionArn) ?? { region: '', account: '' };
  return `arn:aws:lambda:${region}:${account}:function:${name}`;
}

/** A handler that failed: its error's type is the error, its whole answer the cause. */
function functionError(taskId: number, { payloadText }: FunctionAnswer): WorkflowInput {
  const answer = parseJson(payloadText);
  const type = isJsonObject(answer) ? answer['errorType'] : undefined;
  return {
    kind: 'task-failed',
    taskId,
    error: typeof type === 'string' ? type : 'Lambda.Unknown',
    cause: payloadText,
  };
}

/** A call that Lambda refused, in the words of the SDK that the service uses. */
function lambdaError(taskId: number, requestId: string, error: AwsError): WorkflowInput {
  const facts = [
    'Service: AWSLambda',
    `Status Code: ${error.httpStatus}`,
    `Error Code: ${error.code}`,
    `Request ID: ${requestId}`,
    'Proxy: null',
  ];
  return {
    kind: 'task-failed',
    taskId,
    error: `Lambda.${error.code}`,
    cause: `${error.message} (${facts.join('; ')})`,
  };
}

interface InvokeResult {
  readonly payloadText: string;
  readonly version: string;
  readonly status: number;
  /** Base64. */
  readonly logTail?: string | undefined;
}

/** The answer of Invoke as the integration shows it; the payload stands in it as the text that came. */
function invokeResult(task: PerformTask, result: InvokeResult): string {
  const { payloadText, version, status, logTail } = result;
  const requestId = requestIdOf(task.identity, task.command.taskId);
  const headers: Readonly<Record<string, string>> = {
    Connection: 'keep-alive',
    'Content-Length': String(Buffer.byteLength(payloadText)),
    'Content-Type': 'application/json',
    Date: formatHttpDate(task.loop.clock.now()),
    'X-Amz-Executed-Version': version,
    ...(logTail === undefined ? {} : { 'X-Amz-Log-Result': logTail }),
    'x-amzn-Remapped-Content-Length': '0',
    'x-amzn-RequestId': requestId,
    'X-Amzn-Trace-Id': traceIdOf(requestId),
  };
  const rest = {
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      HttpHeaders: headers,
      HttpStatusCode: status,
    },
    SdkResponseMetadata: { RequestId: requestId },
    StatusCode: status,
  };
  const log = logTail === undefined ? '' : `"LogResult":${JSON.stringify(logTail)},`;
  return `{"ExecutedVersion":${JSON.stringify(version)},${log}"Payload":${payloadText},${JSON.stringify(rest).slice(1)}`;
}

/** The header of a call that is not traced, in the form of X-Ray. */
function traceIdOf(requestId: string): string {
  const digits = requestId.replaceAll('-', '');
  return `Root=1-${digits.slice(0, 8)}-${digits.slice(8, 32)};Sampled=0`;
}
