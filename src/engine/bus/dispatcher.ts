/**
 * Gives one event to one target of a rule: makes its payload, hands it to the target's kind, and sees to what
 * failed. It also says when a turn has had enough: 10 events on a bus with 300 rules of 5 targets are 15,000
 * deliveries, and with events of 100 KB no commit could hold them. `postponed.ts` takes what is left to later turns.
 */
import { formatIsoSeconds } from '../../base/clock.ts';
import type { EventView } from '../../lang/pattern/event.ts';
import type { RenderedInput } from '../../lang/template/rule-input.ts';
import type { Cause } from '../cause.ts';
import type { Turn } from '../loop.ts';
import type { TraceEffect } from '../trace/trace-link.ts';
import type { BusCounts } from './bus-counts.ts';
import type { BusEvent } from './bus-event.ts';
import type { Deliveries } from './deliveries.ts';
import type { Rule, RuleTarget } from './rule.ts';
import { type Failure, permanentFailure } from './targets/target.ts';

/** A turn begins no further delivery past so many, or past so much payload: a commit of 10 to 20 ms. */
const TURN_DELIVERIES_MAX = 1000;
const TURN_PAYLOAD_LENGTH_MAX = 16 * 2 ** 20;

/** An event as deliveries need it. */
export interface Subject {
  readonly id: string;
  readonly view: EventView;
  /** What another bus would be passed; undefined for a postponed event. */
  readonly event: BusEvent | undefined;
}

export interface DispatcherHost {
  readonly deliveries: Deliveries;
  readonly counts: BusCounts;
}

export class Dispatcher {
  readonly #host: DispatcherHost;
  #turn: Turn | undefined;
  #deliveries = 0;
  #payloadLength = 0;

  constructor(host: DispatcherHost) {
    this.#host = host;
  }

  /** False when the rest of the turn's deliveries should wait for another turn. */
  hasRoom(turn: Turn): boolean {
    if (this.#turn !== turn) {
      this.#turn = turn;
      this.#deliveries = 0;
      this.#payloadLength = 0;
    }
    return this.#deliveries < TURN_DELIVERIES_MAX && this.#payloadLength < TURN_PAYLOAD_LENGTH_MAX;
  }

  /** Delivers in the turn; answers what to record in the trace. */
  deliver(turn: Turn, subject: Subject, rule: Rule, target: RuleTarget): TraceEffect {
    const rendered = render(turn, subject, rule, target);
    if (rendered.kind === 'dropped') {
      return this.#fail(
        turn,
        { subject, rule, target, payload: '' },
        permanentFailure('INVALID_JSON', rendered.reason),
      );
    }
    const { definition, kind } = target;
    const payload = rendered.text;
    this.#deliveries += 1;
    this.#payloadLength += payload.length;
    const cause: Cause = { kind: 'event', id: subject.id };
    const { record: scope, arn: ruleArn } = rule;
    const outcome =
      kind?.deliver(turn, { target: definition, scope, ruleArn, payload, cause, event: subject.event }) ??
      permanentFailure('NO_RESOURCE', `There are no targets such as ${definition.Arn} here.`);
    if (outcome.kind === 'failed') return this.#fail(turn, { subject, rule, target, payload }, outcome);
    this.#host.counts.delivered += 1;
    const { kind: effectKind, id } = outcome.effect;
    return { kind: effectKind, id, detail: { rule: rule.arn, target: definition.Arn } };
  }

  #fail(
    turn: Turn,
    what: {
      readonly subject: Subject;
      readonly rule: Rule;
      readonly target: RuleTarget;
      readonly payload: string;
    },
    failure: Failure,
  ): TraceEffect {
    const { subject, rule, target, payload } = what;
    return this.#host.deliveries.fail(turn, {
      scope: rule.record,
      ruleArn: rule.arn,
      target: target.definition,
      cause: { kind: 'event', id: subject.id },
      payload,
      eventText: subject.view.text,
      failure,
    });
  }
}

function render(turn: Turn, { view }: Subject, rule: Rule, { input }: RuleTarget): RenderedInput {
  if (input === undefined) return { kind: 'text', text: view.text };
  return input.render(view, {
    ruleArn: rule.arn,
    ruleName: rule.record.name,
    ingestionTime: formatIsoSeconds(turn.now),
  });
}
