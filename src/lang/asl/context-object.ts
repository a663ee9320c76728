/** The context object, `$$`: what an execution knows of itself. */
import type { Json, JsonObject } from '../../base/json.ts';
import { formatIsoMs } from '../../base/clock.ts';

export interface ContextFacts {
  readonly executionArn: string;
  readonly executionName: string;
  readonly input: Json;
  readonly roleArn: string;
  readonly startedAtMs: number;
  readonly redriveCount: number;
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
  readonly stateName: string;
  readonly stateEnteredAtMs: number;
  /** States that can be retried show how often they were. */
  readonly retryCount?: number | undefined;
  /** Tasks that wait for a token show it. */
  readonly taskToken?: string | undefined;
  /** Inside of a Map: which item, and its value. */
  readonly mapItem?: { readonly index: number; readonly value: Json } | undefined;
}

/** Members in the order in which AWS writes them. */
export function contextObject(facts: ContextFacts): JsonObject {
  return {
    Execution: {
      Id: facts.executionArn,
      Input: facts.input,
      StartTime: formatIsoMs(facts.startedAtMs),
      Name: facts.executionName,
      RoleArn: facts.roleArn,
      RedriveCount: facts.redriveCount,
    },
    StateMachine: { Id: facts.stateMachineArn, Name: facts.stateMachineName },
    State: {
      Name: facts.stateName,
      EnteredTime: formatIsoMs(facts.stateEnteredAtMs),
      ...(facts.retryCount === undefined ? {} : { RetryCount: facts.retryCount }),
    },
    ...(facts.taskToken === undefined ? {} : { Task: { Token: facts.taskToken } }),
    ...(facts.mapItem === undefined
      ? {}
      : { Map: { Item: { Index: facts.mapItem.index, Value: facts.mapItem.value } } }),
  };
}
