/**
 * A state machine as the engine runs it: every path, template, rule and matcher compiled to closures. Made by
 * parse.ts from a definition that validate.ts has passed; immutable and shared by all executions.
 *
 * A new kind of state is one interface here, one file in parse/, one in engine/workflow/states/, and one row in
 * each of the tables that `satisfies Record<StateKind, ...>`: what is forgotten does not compile.
 */
import type { ReferencePath } from '../jsonpath/reference.ts';
import type { ChoiceRule } from './choice.ts';
import type { Expression } from './expression.ts';
import type { Template } from './template.ts';

export type QueryLanguage = 'JSONPath' | 'JSONata';

/** In the order in which AWS lists them. */
export const STATE_KINDS = ['Task', 'Wait', 'Pass', 'Succeed', 'Fail', 'Choice', 'Parallel', 'Map'] as const;

export type StateKind = (typeof STATE_KINDS)[number];

/** STANDARD or EXPRESS, as in CreateStateMachine. */
export type StateMachineKind = 'STANDARD' | 'EXPRESS';

export interface StateMachine {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, State>;
  /** Of the whole execution. */
  readonly timeoutSeconds?: number;
  readonly comment?: string;
}

/** `undefined` = the whole document (`$`), `null` = an empty object. */
export type PathField = Expression | null | undefined;

/** `undefined` = replace the input (`$`), `null` = discard the result. */
export type ResultPathField = ReferencePath | null | undefined;

interface StateBase {
  readonly name: string;
}

interface FilteredState extends StateBase {
  readonly inputPath: PathField;
  readonly outputPath: PathField;
}

interface FlowState extends FilteredState {
  /** Values of variables by name. */
  readonly assign?: Template;
  /** `undefined` = the state ends the execution (or branch). */
  readonly next: string | undefined;
}

export interface PassState extends FlowState {
  readonly kind: 'Pass';
  readonly parameters?: Template;
  /** JSON text. */
  readonly result?: string;
  readonly resultPath: ResultPathField;
}

/** What a Task state calls. */
export type TaskResource =
  /** A Lambda function by its ARN. */
  | { readonly kind: 'function'; readonly arn: string }
  /** `arn:aws:states:::service:action[.pattern]`; the service may be `aws-sdk:service`. */
  | {
      readonly kind: 'integration';
      readonly service: string;
      readonly action: string;
      readonly pattern: 'request-response' | 'wait-for-task-token' | 'sync' | 'sync:2';
    };

/** A whole number of seconds, written in the definition or read from the input. */
export type SecondsField = number | Expression | undefined;

export interface Retrier {
  readonly errorEquals: readonly string[];
  readonly intervalSeconds: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds?: number;
  readonly isJitterFull: boolean;
}

export interface Catcher {
  readonly errorEquals: readonly string[];
  readonly next: string;
  readonly resultPath: ResultPathField;
  readonly assign?: Template;
}

export interface TaskState extends FlowState {
  readonly kind: 'Task';
  readonly resource: TaskResource;
  readonly parameters?: Template;
  readonly resultSelector?: Template;
  readonly resultPath: ResultPathField;
  readonly timeout: SecondsField;
  readonly heartbeat: SecondsField;
  /** `RoleArn` of Credentials: a role, or an expression that yields one. */
  readonly credentialsRoleArn?: string | Expression;
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
}

export interface ChoiceState extends FilteredState {
  readonly kind: 'Choice';
  readonly choices: readonly ChoiceRule[];
  readonly default?: string;
  /** Applies when no rule matches. */
  readonly assign?: Template;
}

export type WaitDelay =
  | { readonly kind: 'seconds'; readonly seconds: number }
  | { readonly kind: 'seconds-path'; readonly path: Expression }
  /** Milliseconds since the epoch. */
  | { readonly kind: 'timestamp'; readonly atMs: number }
  | { readonly kind: 'timestamp-path'; readonly path: Expression };

export interface WaitState extends FlowState {
  readonly kind: 'Wait';
  readonly delay: WaitDelay;
}

export interface SucceedState extends FilteredState {
  readonly kind: 'Succeed';
}

export interface FailState extends StateBase {
  readonly kind: 'Fail';
  readonly error?: string | Expression;
  readonly cause?: string | Expression;
}

/** What the states share that run machines inside of them. */
interface ContainerState extends FlowState {
  readonly parameters?: Template;
  readonly resultSelector?: Template;
  readonly resultPath: ResultPathField;
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
}

export interface ParallelState extends ContainerState {
  readonly kind: 'Parallel';
  readonly branches: readonly StateMachine[];
}

/** An inline Map. */
export interface MapState extends ContainerState {
  readonly kind: 'Map';
  readonly processor: StateMachine;
  /** `undefined` = the whole input. */
  readonly itemsPath: Expression | undefined;
  /** ItemSelector, or Parameters of old definitions. */
  readonly itemSelector?: Template;
  /** 0 or `undefined` = as many as the engine allows. */
  readonly maxConcurrency: number | Expression | undefined;
}

export type State =
  | PassState
  | TaskState
  | ChoiceState
  | WaitState
  | SucceedState
  | FailState
  | ParallelState
  | MapState;
