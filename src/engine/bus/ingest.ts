/**
 * The way of events: everything that comes of a PutEvents is decided in one turn. Each event is matched against the
 * rules of its bus and given to their targets; what reaches a queue, a function's queue, a state machine or another
 * bus of the region does so in the same commit. What was evaluated and did not match is not stored: `explain.ts`
 * computes it when somebody asks.
 */
import type { Scope } from '../../base/arn.ts';
import type { Cause } from '../cause.ts';
import type { Turn } from '../loop.ts';
import type { TraceEffect } from '../trace/trace-link.ts';
import type { Bus } from './bus.ts';
import type { BusCounts } from './bus-counts.ts';
import { type BusEvent, createBusEvent, type NewEvent } from './bus-event.ts';
import type { BusLog, EventToLog } from './bus-log.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { Postponed } from './postponed.ts';
import type { Rule, RuleTarget } from './rule.ts';
import type { Tail } from './tail.ts';
import type { TargetKinds } from './targets/kinds.ts';

export interface IngestHost {
  readonly log: BusLog;
  readonly tail: Tail;
  readonly kinds: TargetKinds;
  readonly dispatcher: Dispatcher;
  readonly postponed: Postponed;
  readonly counts: BusCounts;
  get(scope: Scope, busName: string): Bus | undefined;
}

export class Ingest {
  readonly #host: IngestHost;
  /** Events of the present turn; those that buses pass on to each other join at the end. */
  #arrived: BusEvent[] = [];

  constructor(host: IngestHost) {
    this.#host = host;
  }

  /** Takes events in and delivers them; answers their ids. An event of an unknown bus vanishes, but for the log. */
  put(turn: Turn, events: readonly NewEvent[], cause: Cause | undefined): string[] {
    this.#arrived = events.map((given) => createBusEvent(turn, given, { cause, hops: 0 }));
    const ids = this.#arrived.map(({ id }) => id);
    this.#drain(turn, (event) => this.#route(turn, event));
    return ids;
  }

  /** Gives an event to the targets of one rule, past all patterns: what a schedule does. */
  fire(turn: Turn, rule: Rule, given: NewEvent): string {
    const fired = createBusEvent(turn, given, { cause: undefined, hops: 0 });
    this.#arrived = [fired];
    this.#drain(turn, (event) =>
      event === fired ? this.#deliver(turn, event, [rule]) : this.#route(turn, event),
    );
    return fired.id;
  }

  /** Takes in an event that another region has sent. */
  arrive(turn: Turn, arrived: BusEvent): void {
    this.#arrived = [arrived];
    this.#drain(turn, (event) => this.#route(turn, event));
  }

  /** Takes in an event that a bus passes on during `put` or `fire`. */
  forward(event: BusEvent): void {
    this.#arrived.push(event);
  }

  #drain(turn: Turn, deliver: (event: BusEvent) => TraceEffect[]): void {
    const arrived = this.#arrived;
    const events: EventToLog[] = [];
    for (let index = 0; index < arrived.length; index += 1) {
      const event = arrived[index] as BusEvent;
      events.push(toLog(event, deliver(event)));
    }
    this.#arrived = [];
    this.#host.counts.events += events.length;
    this.#host.log.append(turn, events);
    this.#host.tail.publish(turn, events);
  }

  #route(turn: Turn, event: BusEvent): TraceEffect[] {
    const { scope, busName } = event;
    const bus = this.#host.get(scope, busName);
    if (bus === undefined) {
      this.#host.counts.unmatched += 1;
      const message = `Event bus ${busName} does not exist.`;
      return [{ kind: 'dropped', id: event.id, detail: { error: 'NO_RESOURCE', message } }];
    }
    const rules = bus.match(event.view);
    if (rules.length === 0) this.#host.counts.unmatched += 1;
    return this.#deliver(turn, event, rules);
  }

  /** To other buses in this turn in any case, so that an event reaches all its buses at once. */
  #deliver(turn: Turn, event: BusEvent, rules: readonly Rule[]): TraceEffect[] {
    const { dispatcher, postponed, kinds, counts } = this.#host;
    const subject = { id: event.id, view: event.view, event };
    const effects: TraceEffect[] = [];
    const left: { rule: Rule; target: RuleTarget }[] = [];
    for (const rule of rules) {
      counts.matched += 1;
      for (const target of rule.targets) {
        if (target.kind === kinds.events || dispatcher.hasRoom(turn)) {
          effects.push(dispatcher.deliver(turn, subject, rule, target));
        } else {
          left.push({ rule, target });
        }
      }
    }
    if (left.length > 0) effects.push(postponed.add(turn, subject, left));
    return effects;
  }
}

function toLog(event: BusEvent, effects: readonly TraceEffect[]): EventToLog {
  const { scope, busName, from, given } = event;
  return {
    id: event.id,
    account: scope.account,
    region: scope.region,
    bus: busName,
    ...(event.cause === undefined ? {} : { cause: event.cause }),
    ...(from === undefined ? {} : { from }),
    ...(given?.endpoint === undefined ? {} : { endpoint: given.endpoint }),
    effects,
    text: event.view.text,
  };
}
