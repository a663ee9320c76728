/** An event on a bus: made once, then only passed on. */
import type { Scope } from '../../base/arn.ts';
import { formatIsoSeconds } from '../../base/clock.ts';
import { uuid } from '../../base/ids.ts';
import { createEvent, type EventView } from '../../lang/pattern/event.ts';
import type { Cause } from '../cause.ts';
import type { Turn } from '../loop.ts';

/** What a producer gives. `detailText` is the text of a JSON object, checked and of bounded depth. */
export interface NewEvent {
  readonly busName: string;
  /** The account and region of the bus. */
  readonly scope: Scope;
  readonly source: string;
  readonly detailType: string;
  readonly detailText: string;
  readonly resources: readonly string[];
  /** Default: now. Events carry whole seconds. */
  readonly timeMs?: number;
  /** The account and region in the event; default: those of the bus. */
  readonly origin?: Scope;
  /** Default: a new one. */
  readonly id?: string;
  /** ARN of the global endpoint that it came by. */
  readonly endpoint?: string;
}

export interface BusEvent {
  readonly id: string;
  readonly busName: string;
  /** The account and region of the bus. */
  readonly scope: Scope;
  /** What its producer gave; undefined for one that came from another region's process. */
  readonly given: NewEvent | undefined;
  /** The view that patterns and templates read. */
  readonly view: EventView;
  readonly cause: Cause | undefined;
  /** Buses that it has come through: the service passes an event on to one further bus and no more. */
  readonly hops: number;
  /** The region that it came from, when that is another one. */
  readonly from?: string;
}

export function createBusEvent(
  turn: Turn,
  given: NewEvent,
  from: { readonly cause: Cause | undefined; readonly hops: number },
): BusEvent {
  const { id = uuid(turn.random) } = given;
  const { account, region } = given.origin ?? given.scope;
  const view = createEvent({
    id,
    detailType: given.detailType,
    source: given.source,
    account,
    time: isoSeconds(given.timeMs ?? turn.now),
    region,
    resources: given.resources,
    detailText: given.detailText,
  });
  const { busName, scope } = given;
  return { id, busName, scope, given, view, cause: from.cause, hops: from.hops };
}

let lastSecond = -1;
let lastText = '';

/** Nearly all events of a second share its text, and formatting it costs as much as matching a rule. */
function isoSeconds(atMs: number): string {
  const second = Math.floor(atMs / 1000);
  if (second !== lastSecond) {
    lastText = formatIsoSeconds(second * 1000);
    lastSecond = second;
  }
  return lastText;
}
