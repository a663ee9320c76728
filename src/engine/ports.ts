/**
 * What one engine may ask of another without importing it: `server.ts` plugs the implementations together.
 *
 * Every call that takes a turn joins the caller's commit. A port that refuses throws an `AwsError` before it has
 * changed anything, so the caller may catch it and go on with its turn.
 */
import type { Scope } from '../base/arn.ts';
import type { JsonObject } from '../base/json.ts';
import type { Cause } from './cause.ts';
import type { Turn } from './loop.ts';

export interface AsyncInvocation {
  /** May carry a version or an alias. */
  readonly functionArn: string;
  /** JSON text, handed to the function as it stands. */
  readonly payloadText: string;
  readonly cause: Cause;
}

/** Functions, as event sources and rules use them. */
export interface FunctionPort {
  /** Something truthy when the function (and the version or alias that the ARN names) exists. */
  find(functionArn: string): object | boolean | undefined;
  /** An asynchronous invocation: durable with the turn, performed after it. Answers its request id. */
  enqueueAsync(turn: Turn, invocation: AsyncInvocation): string;
}

export interface ExecutionStart {
  readonly stateMachineArn: string;
  /** JSON text. */
  readonly input: string;
  /** Default: a fresh UUID. */
  readonly name?: string;
  readonly cause: Cause;
}

/** State machines, as rules and pipes start them. */
export interface WorkflowPort {
  /** Throws `StateMachineDoesNotExist`, `ExecutionAlreadyExists` and the like. */
  start(turn: Turn, start: ExecutionStart): { readonly executionArn: string };
}

/** A call of an AWS operation from within the platform. */
export interface ActionCall {
  /** The service's file in `src/api`. */
  readonly service: string;
  /** As the API spells it: `SendMessage`. */
  readonly operation: string;
  /** Names of members begin with a capital, whatever the API says. Not to be used by the caller afterwards. */
  readonly parameters: JsonObject;
  readonly scope: Scope;
  /** The same when the call is repeated after a crash. */
  readonly requestId: string;
  /** How instants are written in the answer. */
  readonly dates: 'milliseconds' | 'iso8601';
}

export type ActionOutcome =
  | {
      readonly kind: 'answered';
      /** Names of members begin with a capital. */
      readonly answer: JsonObject;
      /** The answer as a client would get it. */
      readonly wireText: string;
    }
  | {
      readonly kind: 'refused';
      readonly code: string;
      readonly message: string;
      readonly httpStatus: number;
      /** The name of the error in the service's model; undefined for one that is not in it. */
      readonly modelled: string | undefined;
    };

/** Operations of the services, as workflows call them: checked, performed and refused as any client's. */
export interface ActionPort {
  /**
   * Decodes and checks the parameters, and answers what performs the operation: a part of the turn that it is given,
   * so that the effect and what the caller makes of it are one commit. A refusal has changed nothing.
   */
  prepare(call: ActionCall): Promise<(turn: Turn) => ActionOutcome>;
}
