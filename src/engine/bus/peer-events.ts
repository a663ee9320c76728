/**
 * Events from a bus of one region to a bus of another that is a process of its own. The sender's commit holds a parcel
 * for the stream to that region; the receiver takes the event into its bus in one turn. It keeps its id, its time and
 * the account and region that it began in.
 *
 * A bus that does not take it, and a deadline that passes before the peer can be reached, come back to the rule that
 * sent it, as failures of its target.
 */
import type { Target } from '../../api/events.ts';
import { parseArn, type Scope } from '../../base/arn.ts';
import { parseEvent } from '../../lang/pattern/event.ts';
import type { Cause } from '../cause.ts';
import type { Loop, Turn } from '../loop.ts';
import { ArrivedEvents } from '../region/arrived-events.ts';
import { LATE_AFTER_MS, type LateEvent, LateEvents } from '../region/late-events.ts';
import type { Parcel, ParcelHandler, Refusal, Returned, Sender } from '../region/parcel.ts';
import type { PeerStreams } from '../region/peer-streams.ts';
import type { Trace } from '../trace/trace.ts';
import type { BusEvent } from './bus-event.ts';
import type { Bus } from './bus.ts';
import { type Deliveries, EVENT_AGE_SECONDS_DEFAULT } from './deliveries.ts';
import type { RemoteBuses } from './targets/bus.ts';
import { type Delivery, type Failure, type Outcome, permanentFailure } from './targets/target.ts';

const EVENT = 'event';
/** Late events that another region is told of at once. */
const LATE_TOLD_MAX = 100;

/** The head of a parcel; its text is the event. */
interface EventHead {
  readonly eventId: string;
  /** ARN of the bus that is to take it. */
  readonly bus: string;
  /** Buses that it has come through. */
  readonly hops: number;
  /** What had brought the event about in the region where it began. */
  readonly cause?: Cause;
  /** Of the lease, as its sender knew it. */
  readonly epoch: number;
  /** Of the rule that sends it, for what comes back. */
  readonly ruleArn: string;
  readonly scope: Scope;
  readonly target: Target;
}

export interface PeerEventsOptions {
  readonly loop: Loop;
  readonly streams: PeerStreams;
  readonly trace: Trace;
  /** Of the lease that this region knows of; it grows with each takeover. */
  readonly epoch: () => number;
  readonly deliveries: () => Deliveries;
  find(busArn: string): Bus | undefined;
  /** Takes an event into its bus. */
  take(turn: Turn, event: BusEvent): void;
}

export class PeerEvents implements ParcelHandler, RemoteBuses {
  readonly late: LateEvents;
  readonly #options: PeerEventsOptions;
  readonly #arrived: ArrivedEvents;

  constructor(options: PeerEventsOptions) {
    this.#options = options;
    this.#arrived = new ArrivedEvents(options.loop);
    this.late = new LateEvents(options.loop);
    options.streams.register(EVENT, this);
  }

  start(): void {
    this.#arrived.start();
    this.late.start();
    this.#options.streams.publish('late', {
      count: () => this.late.count,
      list: () => this.late.list(LATE_TOLD_MAX),
    });
  }

  close(): void {
    this.#arrived.close();
  }

  isRemote(region: string): boolean {
    return this.#options.streams.isPeer(region);
  }

  send(turn: Turn, { target, event, payload, cause, scope, ruleArn }: Delivery, region: string): Outcome {
    const { MaximumEventAgeInSeconds: ageSecondsMax = EVENT_AGE_SECONDS_DEFAULT } = target.RetryPolicy ?? {};
    const head: EventHead = {
      eventId: cause.id,
      bus: target.Arn,
      hops: (event?.hops ?? 0) + 1,
      ...(event?.cause === undefined ? {} : { cause: event.cause }),
      epoch: this.#options.epoch(),
      ruleArn,
      scope: { account: scope.account, region: scope.region },
      target,
    };
    const parcel = { kind: EVENT, head, texts: [payload], deadlineMs: turn.now + ageSecondsMax * 1000 };
    if (this.#options.streams.offer(turn, region, parcel)) {
      return { kind: 'delivered', effect: { kind: 'event', id: cause.id } };
    }
    const message = `Too many events wait for the Region ${region}.`;
    return { kind: 'failed', code: 'THROTTLING', message, isRetryable: true };
  }

  /** Remembers that the bus takes the event. False when it has it already, by whatever way it came. */
  isNew(turn: Turn, busArn: string, eventId: string): boolean {
    return this.#arrived.add(turn, busArn, eventId);
  }

  apply(turn: Turn, parcel: Parcel, { region: from }: Sender): Refusal | undefined {
    const { eventId, bus: busArn, hops, cause, epoch } = parcel.head as EventHead;
    const bus = this.#options.find(busArn);
    const arn = parseArn(busArn);
    if (bus === undefined || arn === undefined) return refusal(`The event bus does not exist: ${busArn}`);
    const [text = ''] = parcel.texts;
    let view;
    try {
      view = parseEvent(text);
    } catch {
      return refusal('The event is not valid JSON.');
    }
    if (!this.#arrived.add(turn, bus.arn, eventId)) return undefined;
    const { account, region, name: busName } = bus.record;
    const scope = { account, region };
    this.#options.take(turn, { id: eventId, busName, scope, given: undefined, view, cause, hops, from });
    const arrival = { from, epoch, bus: busArn, id: eventId, sentAtMs: parcel.atMs, arrivedAtMs: turn.now };
    if (this.#isLate(arrival)) this.late.add(turn, arrival);
    return undefined;
  }

  takeBack(turn: Turn, { head, texts: [eventText = ''] }: Parcel, why: Returned): void {
    const { eventId, ruleArn, scope, target } = head as EventHead;
    const cause: Cause = { kind: 'event', id: eventId };
    const failed = { scope, ruleArn, target, cause, payload: eventText, eventText, failure: toFailure(why) };
    const deliveries = this.#options.deliveries();
    const effect = why.kind === 'expired' ? deliveries.expire(turn, failed) : deliveries.fail(turn, failed);
    this.#options.trace.effect(turn, cause, effect);
  }

  #isLate({ epoch, sentAtMs, arrivedAtMs }: LateEvent): boolean {
    return epoch < this.#options.epoch() || arrivedAtMs - sentAtMs > LATE_AFTER_MS;
  }
}

/** What EventBridge calls it when the Region of the target does not take the event. */
const REFUSED = 'CROSS_REGION_INGESTION_FAILED';

function refusal(message: string): Refusal {
  return { code: REFUSED, message, isRetryable: false };
}

function toFailure(why: Returned): Failure {
  if (why.kind === 'expired') {
    return permanentFailure(REFUSED, 'The Region of the event bus could not be reached in time.');
  }
  const { message, isRetryable } = why.refusal;
  return { kind: 'failed', code: REFUSED, message, isRetryable };
}
