/** A rule ready to work: its record with pattern, schedule and inputs compiled. A change makes a new one. */
import type { Target } from '../../api/events.ts';
import { compilePattern, type CompiledPattern } from '../../lang/pattern/pattern.ts';
import { parseSchedule, type Schedule } from '../../lang/schedule/schedule.ts';
import { type CompiledInput, compileTargetInput } from '../../lang/template/rule-input.ts';
import { type RuleRecord, ruleArn } from './bus-record.ts';
import { findKind, type TargetKinds } from './targets/kinds.ts';
import type { TargetKind } from './targets/target.ts';

export interface RuleTarget {
  readonly definition: Target;
  readonly kind: TargetKind | undefined;
  /** Undefined: the target gets the event as it is. */
  readonly input: CompiledInput | undefined;
}

export interface Rule {
  readonly record: RuleRecord;
  readonly arn: string;
  readonly pattern: CompiledPattern | undefined;
  readonly schedule: Schedule | undefined;
  readonly targets: readonly RuleTarget[];
}

/** Throws the `AwsError` of whatever does not compile. */
export function compileRule(record: RuleRecord, kinds: TargetKinds): Rule {
  const { eventPattern, scheduleExpression } = record.definition;
  return {
    record,
    arn: ruleArn(record),
    pattern: eventPattern === undefined ? undefined : compilePattern(eventPattern),
    schedule: scheduleExpression === undefined ? undefined : parseSchedule(scheduleExpression, 'events'),
    targets: record.targets.map((definition) => ({
      definition,
      kind: findKind(kinds, definition.Arn),
      input: compileInput(definition),
    })),
  };
}

/** Throws what PutTargets answers for an input that does not compile. */
export function compileInput(target: Target): CompiledInput | undefined {
  const { Input, InputPath, InputTransformer } = target;
  const isPlain = Input === undefined && InputPath === undefined && InputTransformer === undefined;
  return isPlain ? undefined : compileTargetInput(target.Id, target);
}

/** A rule that is known and described but does nothing: what it was made of no longer compiles. */
export function brokenRule(record: RuleRecord): Rule {
  return { record, arn: ruleArn(record), pattern: undefined, schedule: undefined, targets: [] };
}

export function isEnabled(rule: Rule): boolean {
  return rule.record.definition.state !== 'DISABLED';
}
