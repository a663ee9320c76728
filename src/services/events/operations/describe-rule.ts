import type { DescribeRuleRequest, DescribeRuleResponse } from '../../../api/events.ts';
import type { Handler } from '../../service.ts';
import { describeRule as describe } from '../describe.ts';
import { requireBus, requireRule } from '../resolve.ts';
import type { EventsDependencies } from '../service.ts';

export function describeRule({
  buses,
}: EventsDependencies): Handler<DescribeRuleRequest, DescribeRuleResponse> {
  return (input, call) => {
    const rule = requireRule(requireBus(buses, call, input.EventBusName), input.Name);
    return { ...describe(rule), CreatedBy: rule.record.account };
  };
}
