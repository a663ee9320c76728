/**
 * The way of events: everything that comes of a PutEvents is decided in one turn. Each event is matched against the
 * rules of its bus and given to their targets; what reaches a queue, a function's queue, a state machine or another
 * bus of the region does so in the same commit. What was evaluated and did not match is not stored: `explain.ts`
 * computes it when somebody asks.
 */
import type { Cause } from '../cause.ts';
import type { Scope } from '../../base/arn.ts';
import { formatIsoSeconds } from '../../base/clock.ts';
import type { Turn } from '../loop.ts';
import type { TraceEffect } from '../trace/trace-link.ts';
import type { Bus } from './bus.ts';
import type { BusCounts } from './bus-counts.ts';
import { type BusEvent, createBusEvent, type NewEvent } from './bus-event.ts';
import type { BusLog, EventToLog } from './bus-log.ts';
import type { Deliveries } from './deliveries.ts';
import type { Rule, RuleTarget } from './rule.ts';
import type { Tail } from './tail.ts';
import { type Failure, permanentFailure } from './targets/target.ts';

export interface IngestHost {
  readonly log: BusLog;
  readonly tail: Tail;
  readonly deliveries: Deliveries;
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
      event === fired ? this.#deliverAll(turn, event, rule) : this.#route(turn, event),
    );
    return fired.id;
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
    const { scope, busName } = event.given;
    const bus = this.#host.get(scope, busName);
    if (bus === undefined) {
      this.#host.counts.unmatched += 1;
      const message = `Event bus ${busName} does not exist.`;
      return [{ kind: 'dropped', id: event.id, detail: { error: 'NO_RESOURCE', message } }];
    }
    const rules = bus.match(event.view);
    if (rules.length === 0) this.#host.counts.unmatched += 1;
    const effects: TraceEffect[] = [];
    for (const rule of rules) effects.push(...this.#deliverAll(turn, event, rule));
    return effects;
  }

  #deliverAll(turn: Turn, event: BusEvent, rule: Rule): TraceEffect[] {
    this.#host.counts.matched += 1;
    return rule.targets.map((target) => this.#deliver(turn, event, rule, target));
  }

  #deliver(turn: Turn, event: BusEvent, rule: Rule, target: RuleTarget): TraceEffect {
    const { definition, kind, input } = target;
    const cause: Cause = { kind: 'event', id: event.id };
    const rendered =
      input === undefined
        ? ({ kind: 'text', text: event.view.text } as const)
        : input.render(event.view, ruleContext(turn, rule));
    if (rendered.kind === 'dropped') {
      return this.#fail(turn, { event, rule, target }, permanentFailure('INVALID_JSON', rendered.reason), '');
    }
    const payload = rendered.text;
    const scope = rule.record;
    const outcome =
      kind?.deliver(turn, { target: definition, scope, payload, cause, event }) ??
      permanentFailure('NO_RESOURCE', `There are no targets such as ${definition.Arn} here.`);
    if (outcome.kind === 'failed') return this.#fail(turn, { event, rule, target }, outcome, payload);
    this.#host.counts.delivered += 1;
    const { kind: effectKind, id } = outcome.effect;
    return { kind: effectKind, id, detail: { rule: rule.arn, target: definition.Arn } };
  }

  #fail(
    turn: Turn,
    to: { readonly event: BusEvent; readonly rule: Rule; readonly target: RuleTarget },
    failure: Failure,
    payload: string,
  ): TraceEffect {
    const { event, rule, target } = to;
    return this.#host.deliveries.fail(turn, {
      scope: rule.record,
      ruleArn: rule.arn,
      target: target.definition,
      cause: { kind: 'event', id: event.id },
      payload,
      eventText: event.view.text,
      failure,
    });
  }
}

function ruleContext(turn: Turn, rule: Rule) {
  return {
    ruleArn: rule.arn,
    ruleName: rule.record.name,
    ingestionTime: formatIsoSeconds(turn.now),
  };
}

function toLog(event: BusEvent, effects: readonly TraceEffect[]): EventToLog {
  const { scope, busName } = event.given;
  return {
    id: event.id,
    account: scope.account,
    region: scope.region,
    bus: busName,
    ...(event.cause === undefined ? {} : { cause: event.cause }),
    effects,
    text: event.view.text,
  };
}
