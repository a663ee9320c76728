/**
 * What one engine may ask of another without importing it: `server.ts` plugs the implementations together.
 *
 * Every call that takes a turn joins the caller's commit. A port that refuses throws an `AwsError` before it has
 * changed anything, so the caller may catch it and go on with its turn.
 */
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
