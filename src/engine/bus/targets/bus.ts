/** Another bus of the same region as a target: the event goes through that bus's rules in the same commit. */
import type { Target } from '../../../api/events.ts';
import { parseArn, type Scope } from '../../../base/arn.ts';
import { notImplementedError } from '../../../base/errors.ts';
import type { Turn } from '../../loop.ts';
import { type BusEvent, createBusEvent } from '../bus-event.ts';
import { type Delivery, type Outcome, permanentFailure, requireRole, type TargetKind } from './target.ts';

/**
 * "EventBridge can't route events received from a sender event bus to a third event bus."
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-bus-to-bus.html
 */
const HOPS_MAX = 1;

export interface BusLookup {
  /** True when there is a bus of this ARN. */
  has(arn: string): boolean;
  /** Takes an event that another bus has passed on into the present ingestion. */
  forward(event: BusEvent): void;
}

export class BusTarget implements TargetKind {
  readonly #buses: BusLookup;

  constructor(buses: BusLookup) {
    this.#buses = buses;
  }

  check(target: Target, scope: Scope): void {
    const arn = parseArn(target.Arn);
    if (!arn?.resource.startsWith('event-bus/')) {
      throw notImplementedError(`A target such as ${arn?.resource.split('/')[0] ?? target.Arn}`);
    }
    requireRole(target);
    if (arn.region !== scope.region) throw notImplementedError('An event bus of another Region as a target');
    if ((target.Input ?? target.InputPath ?? target.InputTransformer) !== undefined) {
      throw notImplementedError('Input, InputPath or InputTransformer for an event bus');
    }
  }

  deliver(turn: Turn, { target, event, cause }: Delivery): Outcome {
    const arn = parseArn(target.Arn);
    if (arn === undefined || event === undefined || !this.#buses.has(target.Arn)) {
      return permanentFailure('NO_RESOURCE', `The event bus does not exist: ${target.Arn}`);
    }
    if (event.hops >= HOPS_MAX) {
      return permanentFailure(
        'THIRD_ACCOUNT_HOP_DETECTED',
        'An event received from another event bus is not passed on to a third one.',
      );
    }
    const { account, region, resource } = arn;
    const busName = resource.slice('event-bus/'.length);
    const origin = event.given.origin ?? event.given.scope;
    const given = { ...event.given, busName, scope: { account, region }, origin };
    const passedOn = createBusEvent(turn, given, { cause, hops: event.hops + 1 });
    this.#buses.forward(passedOn);
    return { kind: 'delivered', effect: { kind: 'event', id: passedOn.id } };
  }
}
