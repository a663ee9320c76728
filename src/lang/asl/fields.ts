/** Which fields a state may have. AWS refuses any other: "Field 'X' is not supported". */
import type { QueryLanguage, StateKind } from './types.ts';

const COMMON = ['Type', 'Comment', 'QueryLanguage'];
const FILTER = ['InputPath', 'OutputPath', 'Output'];
const FLOW = ['Next', 'End', 'Assign'];
const RECOVERY = ['Retry', 'Catch'];

export const STATE_FIELDS = {
  Task: new Set([
    ...COMMON,
    ...FILTER,
    ...FLOW,
    ...RECOVERY,
    'Resource',
    'Parameters',
    'Arguments',
    'ResultSelector',
    'ResultPath',
    'TimeoutSeconds',
    'TimeoutSecondsPath',
    'HeartbeatSeconds',
    'HeartbeatSecondsPath',
    'Credentials',
  ]),
  Wait: new Set([...COMMON, ...FILTER, ...FLOW, 'Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath']),
  Pass: new Set([...COMMON, ...FILTER, ...FLOW, 'Result', 'ResultPath', 'Parameters']),
  Succeed: new Set([...COMMON, ...FILTER]),
  Fail: new Set([...COMMON, 'Error', 'ErrorPath', 'Cause', 'CausePath']),
  Choice: new Set([...COMMON, ...FILTER, 'Choices', 'Default', 'Assign']),
  Parallel: new Set([
    ...COMMON,
    ...FILTER,
    ...FLOW,
    ...RECOVERY,
    'Branches',
    'Parameters',
    'Arguments',
    'ResultSelector',
    'ResultPath',
  ]),
  Map: new Set([
    ...COMMON,
    ...FILTER,
    ...FLOW,
    ...RECOVERY,
    'ItemsPath',
    'Items',
    'ItemSelector',
    'ItemProcessor',
    'Iterator',
    'ItemReader',
    'ItemBatcher',
    'ResultWriter',
    'MaxConcurrency',
    'MaxConcurrencyPath',
    'ToleratedFailureCount',
    'ToleratedFailureCountPath',
    'ToleratedFailurePercentage',
    'ToleratedFailurePercentagePath',
    'Label',
    'Parameters',
    'ResultSelector',
    'ResultPath',
  ]),
} as const satisfies Record<StateKind, ReadonlySet<string>>;

/** Fields that belong to one query language alone. */
const LANGUAGE_OF_FIELD: ReadonlyMap<string, QueryLanguage> = new Map([
  ...['Arguments', 'Output', 'Items', 'Condition'].map((field) => [field, 'JSONata'] as const),
  ...[
    'InputPath',
    'OutputPath',
    'Parameters',
    'ResultSelector',
    'ResultPath',
    'ItemsPath',
    'SecondsPath',
    'TimestampPath',
    'TimeoutSecondsPath',
    'HeartbeatSecondsPath',
    'ErrorPath',
    'CausePath',
    'MaxConcurrencyPath',
    'ToleratedFailureCountPath',
    'ToleratedFailurePercentagePath',
    'Variable',
  ].map((field) => [field, 'JSONPath'] as const),
]);

/** The language that a field needs, or `undefined` when both know it. */
export function languageOfField(field: string): QueryLanguage | undefined {
  return LANGUAGE_OF_FIELD.get(field);
}
