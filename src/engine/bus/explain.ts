/** Says of each rule of a bus why it matched an event or did not: computed on demand, never stored. */
import type { EventView } from '../../lang/pattern/event.ts';
import { explain, type FailedClause } from '../../lang/pattern/explain.ts';
import type { Bus } from './bus.ts';
import { isEnabled, type Rule } from './rule.ts';

export interface RuleExplanation {
  readonly rule: string;
  readonly ruleArn: string;
  readonly matched: boolean;
  /** Clauses of the pattern that the event does not satisfy, and what was found there. */
  readonly failed: readonly FailedClause[];
  /** One line for people. */
  readonly text: string;
}

/** By the rules as they are now, which may not be those that the event met. */
export function explainEvent(bus: Bus, event: EventView): RuleExplanation[] {
  return bus.rules().map((rule) => explainRule(rule, event));
}

function explainRule(rule: Rule, event: EventView): RuleExplanation {
  const of = { rule: rule.record.name, ruleArn: rule.arn };
  if (rule.pattern === undefined) {
    const text =
      rule.record.definition.eventPattern === undefined
        ? 'The rule has no event pattern: it fires by its schedule.'
        : 'The event pattern of the rule no longer compiles.';
    return { ...of, matched: false, failed: [], text };
  }
  const explanation = explain(rule.pattern, event);
  if (isEnabled(rule)) return { ...of, ...explanation };
  const text = explanation.matched
    ? 'The rule is disabled; enabled, it would match.'
    : `The rule is disabled. ${explanation.text}`;
  return { ...of, matched: false, failed: explanation.failed, text };
}
