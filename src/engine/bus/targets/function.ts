/** A function as a target: an asynchronous invocation, queued in the commit of the event. */
import type { Turn } from '../../loop.ts';
import type { FunctionPort } from '../../ports.ts';
import {
  type Delivery,
  isOfRegion,
  type Outcome,
  permanentFailure,
  type TargetKind,
  toFailure,
} from './target.ts';

export class FunctionTarget implements TargetKind {
  readonly #functions: FunctionPort;

  constructor(functions: FunctionPort) {
    this.#functions = functions;
  }

  /** A function may be named before it exists, and needs no role: its own policy lets events in. */
  check(): void {}

  deliver(turn: Turn, { target, payload, cause, scope }: Delivery): Outcome {
    if (!isOfRegion(target.Arn, scope) || !this.#functions.find(target.Arn)) {
      return permanentFailure('NO_RESOURCE', `Function not found: ${target.Arn}`);
    }
    try {
      const invocation = { functionArn: target.Arn, payloadText: payload, cause };
      const requestId = this.#functions.enqueueAsync(turn, invocation);
      return { kind: 'delivered', effect: { kind: 'invocation', id: requestId } };
    } catch (error) {
      return toFailure(error);
    }
  }
}
