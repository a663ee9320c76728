import type { PutRuleRequest, PutRuleResponse } from '../../../api/events.ts';
import { DEFAULT_BUS, type RuleDefinition } from '../../../engine/bus/bus-record.ts';
import { compilePattern } from '../../../lang/pattern/pattern.ts';
import { parseSchedule } from '../../../lang/schedule/schedule.ts';
import type { Handler } from '../../service.ts';
import { limitExceeded, validationError } from '../errors.ts';
import { RULES_PER_BUS_MAX } from '../limits.ts';
import { requireBus, requireUnmanaged } from '../resolve.ts';
import type { EventsDependencies } from '../service.ts';
import { toTags } from '../tags.ts';

/** Replaces the whole definition of a rule that exists, but leaves its targets and its tags alone. */
export function putRule({ buses }: EventsDependencies): Handler<PutRuleRequest, PutRuleResponse> {
  return (input, call) => {
    call.admit();
    const { Name: name, EventPattern: pattern, ScheduleExpression: schedule } = input;
    const bus = requireBus(buses, call, input.EventBusName);
    if (!pattern && !schedule) {
      throw validationError('Parameter(s) EventPattern or ScheduleExpression must be specified.');
    }
    if (schedule && bus.record.name !== DEFAULT_BUS) {
      throw validationError('ScheduleExpression is supported only on the default event bus.');
    }
    if (pattern) compilePattern(pattern);
    if (schedule) parseSchedule(schedule, 'events');
    requireUnmanaged(bus.rule(name));
    if (bus.rule(name) === undefined && bus.ruleCount >= RULES_PER_BUS_MAX) throw limitExceeded();
    const rule = { name, definition: toDefinition(input), tags: toTags(input.Tags) };
    return { RuleArn: call.turn((turn) => buses.putRule(turn, bus, rule)).arn };
  };
}

function toDefinition(input: PutRuleRequest): RuleDefinition {
  const { Description, EventPattern, ScheduleExpression, RoleArn, State } = input;
  return {
    state: State ?? 'ENABLED',
    ...(Description === undefined ? {} : { description: Description }),
    ...(EventPattern ? { eventPattern: EventPattern } : {}),
    ...(ScheduleExpression ? { scheduleExpression: ScheduleExpression } : {}),
    ...(RoleArn === undefined ? {} : { roleArn: RoleArn }),
  };
}
