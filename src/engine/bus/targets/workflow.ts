/** A state machine as a target: an execution that starts in the commit of the event. */
import type { Target } from '../../../api/events.ts';
import type { Turn } from '../../loop.ts';
import type { WorkflowPort } from '../../ports.ts';
import {
  type Delivery,
  isOfRegion,
  type Outcome,
  permanentFailure,
  requireRole,
  type TargetKind,
  toFailure,
} from './target.ts';

export class WorkflowTarget implements TargetKind {
  readonly #workflows: WorkflowPort;

  constructor(workflows: WorkflowPort) {
    this.#workflows = workflows;
  }

  check(target: Target): void {
    requireRole(target);
  }

  deliver(turn: Turn, { target, payload, cause, scope }: Delivery): Outcome {
    if (!isOfRegion(target.Arn, scope)) {
      return permanentFailure('NO_RESOURCE', `State Machine Does Not Exist: '${target.Arn}'`);
    }
    try {
      const start = { stateMachineArn: target.Arn, input: payload, cause };
      const { executionArn } = this.#workflows.start(turn, start);
      return { kind: 'delivered', effect: { kind: 'execution', id: executionArn } };
    } catch (error) {
      return toFailure(error);
    }
  }
}
