/**
 * Another bus as a target. One of the same process takes the event in the same commit, whatever region its ARN says;
 * one of a region with a process of its own is sent it.
 */
import type { Target } from '../../../api/events.ts';
import { type Arn, parseArn, type Scope } from '../../../base/arn.ts';
import { notImplementedError } from '../../../base/errors.ts';
import type { Turn } from '../../loop.ts';
import { type BusEvent, createBusEvent } from '../bus-event.ts';
import {
  type Delivery,
  type Failure,
  type Outcome,
  permanentFailure,
  requireRole,
  type TargetKind,
} from './target.ts';

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

/** Buses of regions with a process of their own. */
export interface RemoteBuses {
  isRemote(region: string): boolean;
  /** Sends the event in the turn; what comes of it there is not known yet. */
  send(turn: Turn, delivery: Delivery, region: string): Outcome;
}

export class BusTarget implements TargetKind {
  readonly #buses: BusLookup;
  readonly #remote: RemoteBuses | undefined;

  constructor(buses: BusLookup, remote?: RemoteBuses) {
    this.#buses = buses;
    this.#remote = remote;
  }

  check(target: Target): void {
    const arn = parseArn(target.Arn);
    if (!arn?.resource.startsWith('event-bus/')) {
      throw notImplementedError(`A target such as ${arn?.resource.split('/')[0] ?? target.Arn}`);
    }
    requireRole(target);
    if ((target.Input ?? target.InputPath ?? target.InputTransformer) !== undefined) {
      throw notImplementedError('Input, InputPath or InputTransformer for an event bus');
    }
  }

  deliver(turn: Turn, delivery: Delivery): Outcome {
    const { target, event } = delivery;
    const arn = parseArn(target.Arn);
    if (arn === undefined) return permanentFailure('NO_RESOURCE', `This is no event bus: ${target.Arn}`);
    if (event !== undefined && event.hops >= HOPS_MAX) return tooManyHops(event, arn, delivery.scope);
    if (this.#remote?.isRemote(arn.region)) return this.#remote.send(turn, delivery, arn.region);
    if (event?.given === undefined || !this.#buses.has(target.Arn)) return missing(arn, delivery);
    const passedOn = passOn(turn, event, delivery, arn);
    this.#buses.forward(passedOn);
    return { kind: 'delivered', effect: { kind: 'event', id: passedOn.id } };
  }
}

/** Between regions an event keeps its id, whether or not they share a process. */
function passOn(turn: Turn, event: BusEvent, { cause, scope }: Delivery, arn: Arn): BusEvent {
  const { account, region, resource } = arn;
  const to = { busName: resource.slice('event-bus/'.length), scope: { account, region } };
  const hops = event.hops + 1;
  if (region !== scope.region || event.given === undefined) {
    return { ...event, ...to, cause, hops, from: scope.region };
  }
  const { id: _id, endpoint: _endpoint, ...given } = event.given;
  return createBusEvent(turn, { ...given, ...to, origin: given.origin ?? event.scope }, { cause, hops });
}

function missing(arn: Arn, { target, scope }: Delivery): Failure {
  const message = `The event bus does not exist: ${target.Arn}`;
  if (arn.region !== scope.region) return permanentFailure('CROSS_REGION_INGESTION_FAILED', message);
  if (arn.account !== scope.account) return permanentFailure('CROSS_ACCOUNT_INGESTION_FAILED', message);
  return permanentFailure('NO_RESOURCE', message);
}

function tooManyHops(event: BusEvent, arn: Arn, scope: Scope): Failure {
  const isOfRegions = event.from !== undefined || arn.region !== scope.region;
  return permanentFailure(
    isOfRegions ? 'THIRD_REGION_HOP_DETECTED' : 'THIRD_ACCOUNT_HOP_DETECTED',
    'An event received from another event bus is not passed on to a third one.',
  );
}
