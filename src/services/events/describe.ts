/** Buses and rules as the API describes them. */
import type { DescribeRuleResponse, EventBus } from '../../api/events.ts';
import type { Bus } from '../../engine/bus/bus.ts';
import { ruleArn } from '../../engine/bus/bus-record.ts';
import type { BusConfig } from '../../engine/bus/bus-record.ts';
import type { Rule } from '../../engine/bus/rule.ts';

/** A default bus that nobody has changed has no times: it was never created. */
export function describeBus(bus: Bus): EventBus {
  const { name, description, policy, createdAtMs, modifiedAtMs } = bus.record;
  return {
    Name: name,
    Arn: bus.arn,
    Description: description,
    Policy: policy === undefined ? undefined : JSON.stringify(policy),
    CreationTime: createdAtMs === 0 ? undefined : createdAtMs,
    LastModifiedTime: modifiedAtMs === 0 ? undefined : modifiedAtMs,
  };
}

export function describeBusConfig({ description, kmsKeyIdentifier, deadLetterArn, logConfig }: BusConfig) {
  return {
    Description: description,
    KmsKeyIdentifier: kmsKeyIdentifier,
    DeadLetterConfig: deadLetterArn === undefined ? undefined : { Arn: deadLetterArn },
    LogConfig: logConfig,
  };
}

/** What DescribeRule and ListRules have in common. */
export function describeRule({ record }: Rule): Omit<DescribeRuleResponse, 'CreatedBy'> {
  const { definition, name, busName, managedBy } = record;
  return {
    Name: name,
    Arn: ruleArn(record),
    EventBusName: busName,
    Description: definition.description,
    EventPattern: definition.eventPattern,
    ScheduleExpression: definition.scheduleExpression,
    RoleArn: definition.roleArn,
    State: definition.state,
    ManagedBy: managedBy,
  };
}
