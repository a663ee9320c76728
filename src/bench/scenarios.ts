/** All that can be measured, in the order of the report. */
import { putEvents, putEventsManyRules, putTenEvents } from './bus-scenarios.ts';
import { invokeNode, invokePython } from './function-scenarios.ts';
import { messageCycle, pipe, sendMessage } from './queue-scenarios.ts';
import type { Scenario } from './scenario.ts';
import { getItem, putItem } from './table-scenarios.ts';
import { startExecution, startFunctionTasks } from './workflow-scenarios.ts';

/** What is measured when nothing is said: each service once, in about a minute. */
export const DEFAULT_SCENARIOS: readonly Scenario[] = [sendMessage, putEvents, startExecution, putItem];

export const SCENARIOS: readonly Scenario[] = [
  ...DEFAULT_SCENARIOS,
  messageCycle,
  putTenEvents,
  putEventsManyRules,
  pipe,
  startFunctionTasks,
  invokeNode,
  invokePython,
  getItem,
];
