/** Compiles one state that validate-state.ts has passed: one function per kind, and the fields that kinds share. */
import { invariant } from '../../base/assert.ts';
import { notImplementedError } from '../../base/errors.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import { compileReferencePath } from '../jsonpath/reference.ts';
import { compileChoiceRule } from './choice.ts';
import type { Expression } from './expression.ts';
import { compileExpression, compilePathExpression } from './expression.ts';
import { readResource } from './integrations.ts';
import type { Template } from './template.ts';
import { compileTemplate } from './template.ts';
import { parseTimestamp } from './timestamp.ts';
import type {
  Catcher,
  PathField,
  ResultPathField,
  Retrier,
  SecondsField,
  State,
  StateKind,
  StateMachine,
  TaskResource,
  WaitDelay,
} from './types.ts';
import { kindOf } from './validate-state.ts';

/** Compiles a machine inside of a state; handed in by parse.ts, which in turn calls this file. */
type MachineCompiler = (machine: JsonObject) => StateMachine;
type StateParser = (name: string, state: JsonObject, compileMachine: MachineCompiler) => State;

/** Throws `NotImplemented` for resources and modes that are not built. */
export function parseState(name: string, state: JsonObject, compileMachine: MachineCompiler): State {
  const kind = kindOf(state);
  invariant(kind !== undefined, 'validation has checked the type of the state');
  return PARSE_KIND[kind](name, state, compileMachine);
}

const PARSE_KIND = {
  Pass: (name, state) => ({
    kind: 'Pass',
    name,
    ...flowFields(state),
    ...optional('parameters', templateField(state, 'Parameters')),
    ...optional('result', state['Result'] === undefined ? undefined : JSON.stringify(state['Result'])),
    resultPath: resultPathField(state),
  }),
  Task: (name, state) => ({
    kind: 'Task',
    name,
    ...recoverableFields(state),
    resource: taskResource(textField(state, 'Resource')),
    ...optional('parameters', templateField(state, 'Parameters')),
    timeout: numberOrPathField(state, 'TimeoutSeconds'),
    heartbeat: numberOrPathField(state, 'HeartbeatSeconds'),
    ...optional('credentialsRoleArn', credentialsField(state)),
  }),
  Choice: (name, state) => ({
    kind: 'Choice',
    name,
    ...filterFields(state),
    choices: listField(state, 'Choices').map(compileChoiceRule),
    ...optional('default', optionalText(state, 'Default')),
    ...optional('assign', templateField(state, 'Assign')),
  }),
  Wait: (name, state) => ({ kind: 'Wait', name, ...flowFields(state), delay: waitDelay(state) }),
  Succeed: (name, state) => ({ kind: 'Succeed', name, ...filterFields(state) }),
  Fail: (name, state) => ({
    kind: 'Fail',
    name,
    ...optional('error', optionalText(state, 'Error') ?? expressionField(state, 'ErrorPath')),
    ...optional('cause', optionalText(state, 'Cause') ?? expressionField(state, 'CausePath')),
  }),
  Parallel: (name, state, compileMachine) => ({
    kind: 'Parallel',
    name,
    ...recoverableFields(state),
    ...optional('parameters', templateField(state, 'Parameters')),
    branches: listField(state, 'Branches').map(compileMachine),
  }),
  Map: (name, state, compileMachine) => ({
    kind: 'Map',
    name,
    ...recoverableFields(state),
    processor: compileMachine(itemProcessor(state)),
    itemsPath: pathField(state, 'ItemsPath') ?? undefined,
    ...optional('itemSelector', templateField(state, 'ItemSelector') ?? templateField(state, 'Parameters')),
    maxConcurrency: numberOrPathField(state, 'MaxConcurrency'),
  }),
} as const satisfies Record<StateKind, StateParser>;

/** `{ [name]: value }`, or nothing for `undefined`. */
function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
}

function optionalText(state: JsonObject, field: string): string | undefined {
  const value = state[field];
  return typeof value === 'string' ? value : undefined;
}

function textField(state: JsonObject, field: string): string {
  const value = optionalText(state, field);
  invariant(value !== undefined, `validation has checked that ${field} is a string`);
  return value;
}

/** The entries of a list of objects; an absent list is empty. */
function listField(state: JsonObject, field: string): readonly JsonObject[] {
  return (state[field] ?? []) as readonly JsonObject[];
}

function templateField(state: JsonObject, field: string): Template | undefined {
  const value = state[field];
  return value === undefined ? undefined : compileTemplate(value);
}

function expressionField(state: JsonObject, field: string): Expression | undefined {
  const text = optionalText(state, field);
  return text === undefined ? undefined : compileExpression(text);
}

function filterFields(state: JsonObject): { readonly inputPath: PathField; readonly outputPath: PathField } {
  return { inputPath: pathField(state, 'InputPath'), outputPath: pathField(state, 'OutputPath') };
}

function flowFields(state: JsonObject): ReturnType<typeof filterFields> & {
  readonly next: string | undefined;
  readonly assign?: Template;
} {
  return {
    ...filterFields(state),
    next: optionalText(state, 'Next'),
    ...optional('assign', templateField(state, 'Assign')),
  };
}

function recoverableFields(state: JsonObject): ReturnType<typeof flowFields> & {
  readonly resultSelector?: Template;
  readonly resultPath: ResultPathField;
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
} {
  return {
    ...flowFields(state),
    ...optional('resultSelector', templateField(state, 'ResultSelector')),
    resultPath: resultPathField(state),
    retry: listField(state, 'Retry').map(parseRetrier),
    catch: listField(state, 'Catch').map(parseCatcher),
  };
}

/** Fields that only a Distributed Map has. */
const DISTRIBUTED_FIELDS = ['ItemReader', 'ItemBatcher', 'ResultWriter', 'Label'];

function itemProcessor(state: JsonObject): JsonObject {
  const processor = (state['ItemProcessor'] ?? state['Iterator']) as JsonObject;
  const config = processor['ProcessorConfig'];
  const isDistributed = isJsonObject(config) && config['Mode'] === 'DISTRIBUTED';
  if (isDistributed || DISTRIBUTED_FIELDS.some((field) => state[field] !== undefined)) {
    throw notImplementedError('The distributed mode of the Map state of Step Functions');
  }
  return processor;
}

/** `$` alone needs no work, so it is the same as no path. */
function pathField(state: JsonObject, field: string): PathField {
  const value = state[field];
  if (value === undefined || value === null) return value;
  return value === '$' ? undefined : compilePathExpression(textField(state, field));
}

function resultPathField(holder: JsonObject): ResultPathField {
  const value = holder['ResultPath'];
  if (value === undefined || value === null) return value;
  const path = compileReferencePath(textField(holder, 'ResultPath'));
  return path.isRoot ? undefined : path;
}

function numberOrPathField(state: JsonObject, field: string): SecondsField {
  const value = state[field];
  return typeof value === 'number' ? value : expressionField(state, `${field}Path`);
}

function credentialsField(state: JsonObject): string | Expression | undefined {
  const credentials = state['Credentials'] as JsonObject | undefined;
  if (credentials === undefined) return undefined;
  return optionalText(credentials, 'RoleArn') ?? expressionField(credentials, 'RoleArn.$');
}

const PATTERNS = {
  '': 'request-response',
  '.sync': 'sync',
  '.sync:2': 'sync:2',
  '.waitForTaskToken': 'wait-for-task-token',
} as const;

function taskResource(text: string): TaskResource {
  const reading = readResource(text);
  invariant(reading !== undefined, 'validation has checked the resource');
  if (reading.kind === 'function') return { kind: 'function', arn: text };
  if (reading.kind === 'activity') throw notImplementedError('The activity resource of Task states');
  if (!reading.isImplemented) throw notImplementedError(`The resource ${text} of Task states`);
  const { service, action, suffix } = reading;
  return { kind: 'integration', service, action, pattern: PATTERNS[suffix] };
}

function numberField(holder: JsonObject, field: string, otherwise: number): number {
  const value = holder[field];
  return typeof value === 'number' ? value : otherwise;
}

/** Defaults: "1 by default", "3 by default", "2.0 by default". */
function parseRetrier(retrier: JsonObject): Retrier {
  const maxDelaySeconds = retrier['MaxDelaySeconds'];
  return {
    errorEquals: retrier['ErrorEquals'] as readonly string[],
    intervalSeconds: numberField(retrier, 'IntervalSeconds', 1),
    maxAttempts: numberField(retrier, 'MaxAttempts', 3),
    backoffRate: numberField(retrier, 'BackoffRate', 2),
    ...optional('maxDelaySeconds', typeof maxDelaySeconds === 'number' ? maxDelaySeconds : undefined),
    isJitterFull: retrier['JitterStrategy'] === 'FULL',
  };
}

function parseCatcher(catcher: JsonObject): Catcher {
  return {
    errorEquals: catcher['ErrorEquals'] as readonly string[],
    next: textField(catcher, 'Next'),
    resultPath: resultPathField(catcher),
    ...optional('assign', templateField(catcher, 'Assign')),
  };
}

function waitDelay(state: JsonObject): WaitDelay {
  const { Seconds, Timestamp, SecondsPath }: Record<string, Json> = state;
  if (typeof Seconds === 'number') return { kind: 'seconds', seconds: Seconds };
  if (typeof Timestamp === 'string') {
    const timestamp = parseTimestamp(Timestamp);
    invariant(timestamp !== undefined, 'validation has checked the timestamp');
    return { kind: 'timestamp', atMs: timestamp.atMs };
  }
  return typeof SecondsPath === 'string'
    ? { kind: 'seconds-path', path: compilePathExpression(SecondsPath) }
    : { kind: 'timestamp-path', path: compilePathExpression(textField(state, 'TimestampPath')) };
}
