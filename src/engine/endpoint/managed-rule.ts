/**
 * The rule that replicates the events of a global endpoint from one of its buses to the other. It matches what came by
 * the endpoint and began in the rule's own region, so that a copy, which keeps the region it began in, is never copied
 * again. It is made from the endpoint's record wherever that is known, and is not stored.
 */
import type { RuleRecord } from '../bus/bus-record.ts';
import { endpointArn, endpointBusArn, type EndpointRecord } from './endpoint-record.ts';

/** Whom `ListRules` names as the one that manages it. */
const MANAGED_BY = 'events.amazonaws.com';

export function replicationRule(endpoint: EndpointRecord, region: string): RuleRecord {
  const { account, busName, id, name, createdAtMs, roleArn, secondary } = endpoint;
  const other = region === secondary ? endpoint.region : secondary;
  const eventPattern = JSON.stringify({ region: [region], resources: [endpointArn(endpoint)] });
  const role = roleArn === undefined ? {} : { roleArn };
  return {
    account,
    region,
    busName,
    name: `GlobalEndpointManagedRule-${id}`,
    createdAtMs,
    definition: {
      description: `Replicates the events of the global endpoint ${name}`,
      eventPattern,
      state: 'ENABLED',
      ...role,
    },
    targets: [
      {
        Id: other,
        Arn: endpointBusArn(endpoint, other),
        ...(roleArn === undefined ? {} : { RoleArn: roleArn }),
      },
    ],
    tags: {},
    managedBy: MANAGED_BY,
  };
}
