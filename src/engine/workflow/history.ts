/**
 * Events of an execution's history: made by `step`, stored in chunks (one per commit and execution), shown by
 * GetExecutionHistory.
 *
 * In memory and on disk an event is a type, three numbers and the values of its detail fields in the order of
 * `EVENT_SHAPES`. Payloads are the JSON texts that the execution moves around anyway; a chunk stores each distinct
 * text once (the output of a state is the input of the next) and never parses or escapes it.
 */
import { invariant } from '../../base/assert.ts';
import type { HistoryEvent, HistoryEventType } from '../../api/states.ts';
import { decodeRecord, encodeRecord } from '../../storage/codec.ts';
import type { Value } from '../../storage/store.ts';

export type HistoryValue = string | number | undefined;

export interface HistoryRecord {
  readonly id: number;
  readonly previousEventId: number;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly type: HistoryEventType;
  /** Values of the fields of `EVENT_SHAPES[type]`, in that order; absent ones are `undefined`. */
  readonly values: readonly HistoryValue[];
}

interface EventShape {
  /** Number in stored chunks: never changed, never reused. */
  readonly code: number;
  /** Member of HistoryEvent that holds the details; none for types without details. */
  readonly details?: keyof HistoryEvent;
  readonly fields: readonly string[];
}

function shape(code: number, details?: keyof HistoryEvent, ...fields: string[]): EventShape {
  return details === undefined ? { code, fields } : { code, details, fields };
}

function entered(code: number): EventShape {
  return shape(code, 'stateEnteredEventDetails', 'name', 'input');
}

function exited(code: number): EventShape {
  return shape(code, 'stateExitedEventDetails', 'name', 'output', 'assignedVariables');
}

/** All 62 types. Fields that no recording shows are those of the service model. */
export const EVENT_SHAPES = {
  ExecutionStarted: shape(1, 'executionStartedEventDetails', 'input', 'roleArn'),
  ExecutionSucceeded: shape(2, 'executionSucceededEventDetails', 'output'),
  ExecutionFailed: shape(3, 'executionFailedEventDetails', 'error', 'cause'),
  ExecutionAborted: shape(4, 'executionAbortedEventDetails', 'error', 'cause'),
  ExecutionTimedOut: shape(5, 'executionTimedOutEventDetails', 'error', 'cause'),
  ExecutionRedriven: shape(6, 'executionRedrivenEventDetails', 'redriveCount'),
  PassStateEntered: entered(10),
  PassStateExited: exited(11),
  ChoiceStateEntered: entered(12),
  ChoiceStateExited: exited(13),
  WaitStateEntered: entered(14),
  WaitStateExited: exited(15),
  WaitStateAborted: shape(16),
  SucceedStateEntered: entered(17),
  SucceedStateExited: exited(18),
  FailStateEntered: entered(19),
  TaskStateEntered: entered(20),
  TaskStateExited: exited(21),
  TaskStateAborted: shape(22),
  ParallelStateEntered: entered(23),
  ParallelStateExited: exited(24),
  ParallelStateStarted: shape(25),
  ParallelStateSucceeded: shape(26),
  ParallelStateFailed: shape(27),
  ParallelStateAborted: shape(28),
  MapStateEntered: entered(29),
  MapStateExited: exited(30),
  MapStateStarted: shape(31, 'mapStateStartedEventDetails', 'length'),
  MapStateSucceeded: shape(32),
  MapStateFailed: shape(33),
  MapStateAborted: shape(34),
  MapIterationStarted: shape(35, 'mapIterationStartedEventDetails', 'name', 'index'),
  MapIterationSucceeded: shape(36, 'mapIterationSucceededEventDetails', 'name', 'index'),
  MapIterationFailed: shape(37, 'mapIterationFailedEventDetails', 'name', 'index'),
  MapIterationAborted: shape(38, 'mapIterationAbortedEventDetails', 'name', 'index'),
  MapRunStarted: shape(39, 'mapRunStartedEventDetails', 'mapRunArn'),
  MapRunSucceeded: shape(40),
  MapRunFailed: shape(41, 'mapRunFailedEventDetails', 'error', 'cause'),
  MapRunAborted: shape(42),
  MapRunRedriven: shape(43, 'mapRunRedrivenEventDetails', 'mapRunArn', 'redriveCount'),
  LambdaFunctionScheduled: shape(
    50,
    'lambdaFunctionScheduledEventDetails',
    'resource',
    'input',
    'timeoutInSeconds',
    'taskCredentials',
  ),
  LambdaFunctionScheduleFailed: shape(51, 'lambdaFunctionScheduleFailedEventDetails', 'error', 'cause'),
  LambdaFunctionStarted: shape(52),
  LambdaFunctionStartFailed: shape(53, 'lambdaFunctionStartFailedEventDetails', 'error', 'cause'),
  LambdaFunctionSucceeded: shape(54, 'lambdaFunctionSucceededEventDetails', 'output'),
  LambdaFunctionFailed: shape(55, 'lambdaFunctionFailedEventDetails', 'error', 'cause'),
  LambdaFunctionTimedOut: shape(56, 'lambdaFunctionTimedOutEventDetails', 'error', 'cause'),
  TaskScheduled: shape(
    60,
    'taskScheduledEventDetails',
    'resourceType',
    'resource',
    'region',
    'parameters',
    'timeoutInSeconds',
    'heartbeatInSeconds',
    'taskCredentials',
  ),
  TaskStarted: shape(61, 'taskStartedEventDetails', 'resourceType', 'resource'),
  TaskSubmitted: shape(62, 'taskSubmittedEventDetails', 'resourceType', 'resource', 'output'),
  TaskSucceeded: shape(63, 'taskSucceededEventDetails', 'resourceType', 'resource', 'output'),
  TaskFailed: shape(64, 'taskFailedEventDetails', 'resourceType', 'resource', 'error', 'cause'),
  TaskTimedOut: shape(65, 'taskTimedOutEventDetails', 'resourceType', 'resource', 'error', 'cause'),
  TaskStartFailed: shape(66, 'taskStartFailedEventDetails', 'resourceType', 'resource', 'error', 'cause'),
  TaskSubmitFailed: shape(67, 'taskSubmitFailedEventDetails', 'resourceType', 'resource', 'error', 'cause'),
  ActivityScheduled: shape(
    70,
    'activityScheduledEventDetails',
    'resource',
    'input',
    'timeoutInSeconds',
    'heartbeatInSeconds',
  ),
  ActivityStarted: shape(71, 'activityStartedEventDetails', 'workerName'),
  ActivitySucceeded: shape(72, 'activitySucceededEventDetails', 'output'),
  ActivityFailed: shape(73, 'activityFailedEventDetails', 'error', 'cause'),
  ActivityTimedOut: shape(74, 'activityTimedOutEventDetails', 'error', 'cause'),
  ActivityScheduleFailed: shape(75, 'activityScheduleFailedEventDetails', 'error', 'cause'),
  EvaluationFailed: shape(80, 'evaluationFailedEventDetails', 'state', 'location', 'error', 'cause'),
} as const satisfies Record<HistoryEventType, EventShape>;

const TYPE_OF_CODE: ReadonlyMap<number, HistoryEventType> = new Map(
  Object.entries(EVENT_SHAPES).map(([type, { code }]) => [code, type as HistoryEventType]),
);

/** Strings shorter than this are kept in the head of a chunk: a text of their own would cost more than escaping. */
const HEAD_STRING_LENGTH_MAX = 32;

/** [code, id, previousEventId, atMs, ...values]; a value is a short string, a number, null or [index of its text]. */
type StoredEvent = readonly (string | number | null | readonly [number])[];

/** The bytes of the events of one commit. `events` is not empty, and their ids follow each other. */
export function encodeHistoryChunk(events: readonly HistoryRecord[]): Value {
  const texts: string[] = [];
  const indexOfText = new Map<string, number>();
  const store = (value: HistoryValue): StoredEvent[number] => {
    if (value === undefined) return null;
    if (typeof value === 'number' || value.length < HEAD_STRING_LENGTH_MAX) return value;
    let index = indexOfText.get(value);
    if (index === undefined) {
      index = texts.push(value) - 1;
      indexOfText.set(value, index);
    }
    return [index];
  };
  const head: StoredEvent[] = events.map((event) => [
    EVENT_SHAPES[event.type].code,
    event.id,
    event.previousEventId,
    event.atMs,
    ...event.values.map(store),
  ]);
  return encodeRecord(head, ...texts);
}

export function decodeHistoryChunk(value: Value): readonly HistoryRecord[] {
  const { head, texts } = decodeRecord<readonly StoredEvent[]>(value);
  return head.map(([code, id, previousEventId, atMs, ...values]) => {
    const type = TYPE_OF_CODE.get(Number(code));
    invariant(type !== undefined, `unknown history event code ${String(code)}`);
    return {
      id: Number(id),
      previousEventId: Number(previousEventId),
      atMs: Number(atMs),
      type,
      values: values.map((stored) => {
        if (stored === null || stored === undefined) return undefined;
        return typeof stored === 'object' ? texts[stored[0]] : stored;
      }),
    };
  });
}

/** Fields whose size AWS tells beside them: we never truncate. */
const DATA_FIELDS: ReadonlySet<string> = new Set(['input', 'output', 'assignedVariables']);

/** Fields that are structures in the answer; the stored value is their JSON text. */
const STRUCTURE_FIELDS: ReadonlySet<string> = new Set(['assignedVariables', 'taskCredentials']);

/**
 * An event as GetExecutionHistory answers it. Without `includeExecutionData` the payloads (and what was assigned)
 * are left out, as with includeExecutionData=false.
 */
export function toHistoryEvent(record: HistoryRecord, includeExecutionData: boolean): HistoryEvent {
  const event = {
    timestamp: record.atMs,
    type: record.type,
    id: record.id,
    previousEventId: record.previousEventId,
  };
  const { details, fields }: EventShape = EVENT_SHAPES[record.type];
  if (details === undefined) return event;
  const members: Record<string, unknown> = {};
  for (const [index, field] of fields.entries()) {
    const value = record.values[index];
    if (value === undefined) continue;
    const isData = DATA_FIELDS.has(field);
    if (isData && !includeExecutionData) continue;
    members[field] = STRUCTURE_FIELDS.has(field) ? (JSON.parse(String(value)) as unknown) : value;
    if (isData) members[`${field}Details`] = { truncated: false };
  }
  return { ...event, [details]: members };
}
