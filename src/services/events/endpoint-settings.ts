/** Global endpoints between the API and the engine: what a request must say of one, and how one is described. */
import type { DescribeEndpointResponse, Endpoint, UpdateEndpointRequest } from '../../api/events.ts';
import { parseArn, type Scope } from '../../base/arn.ts';
import {
  endpointArn,
  endpointBusArn,
  type EndpointRecord,
  type EndpointSettings,
  endpointUrl,
} from '../../engine/endpoint/endpoint-record.ts';
import { busDoesNotExist, validationError } from './errors.ts';
import type { EventsDependencies } from './service.ts';

const BUS_PATH = 'event-bus/';

/** The settings that a request gives, on top of those that the endpoint has. Throws what does not fit together. */
export function toEndpointSettings(
  scope: Scope,
  given: UpdateEndpointRequest,
  before: Partial<EndpointSettings> = {},
): EndpointSettings {
  const { Description: description = before.description, RoleArn: roleArn = before.roleArn } = given;
  const failover = given.RoutingConfig?.FailoverConfig;
  const secondary = failover?.Secondary.Route ?? before.secondary ?? '';
  const healthCheckArn = failover?.Primary.HealthCheck ?? before.healthCheckArn ?? '';
  const state = given.ReplicationConfig?.State;
  const isReplicated = state === undefined ? (before.isReplicated ?? true) : state === 'ENABLED';
  if (isReplicated && roleArn === undefined) {
    throw validationError('RoleArn is required when event replication is enabled.');
  }
  const buses =
    given.EventBuses === undefined
      ? { busName: before.busName ?? '', busRegions: before.busRegions ?? (['', ''] as const) }
      : toBuses(
          scope,
          given.EventBuses.map(({ EventBusArn: arn }) => arn),
        );
  const other = buses.busRegions.find((region) => region !== scope.region);
  if (secondary !== other) {
    throw validationError(`The secondary Region must be ${other}, the Region of the other event bus.`);
  }
  return {
    ...buses,
    secondary,
    healthCheckArn,
    isReplicated,
    ...(description === undefined ? {} : { description }),
    ...(roleArn === undefined ? {} : { roleArn }),
  };
}

/** There are two of them: the model says so. */
function toBuses(scope: Scope, arns: readonly string[]): Pick<EndpointSettings, 'busName' | 'busRegions'> {
  const [first, second] = arns.map(parseArn);
  if (first === undefined || second === undefined) throw validationError('EventBusArn is not an ARN.');
  if (first.account !== scope.account || second.account !== scope.account) {
    throw validationError(`The event buses must be in the account ${scope.account}.`);
  }
  if (first.resource !== second.resource || !first.resource.startsWith(BUS_PATH)) {
    throw validationError('The names of the event buses must be identical in each Region.');
  }
  if (first.region === second.region) throw validationError('The event buses must be in different Regions.');
  const busRegions = [first.region, second.region] as const;
  if (!busRegions.includes(scope.region)) {
    throw validationError(`One of the event buses must be in the Region ${scope.region}, the primary one.`);
  }
  return { busName: first.resource.slice(BUS_PATH.length), busRegions };
}

/** A bus in a region with a process of its own is looked for when there are events for it. */
export function requireEndpointBuses(
  { buses, endpoints }: EventsDependencies,
  { account }: Scope,
  { busName, busRegions }: EndpointSettings,
): void {
  for (const region of busRegions) {
    const isMissing = endpoints.isHere(region) && buses.get({ account, region }, busName) === undefined;
    if (isMissing) throw busDoesNotExist(busName);
  }
}

/** What all answers about an endpoint have in common. */
export function describeSettings(endpoint: EndpointRecord) {
  const { name, healthCheckArn, secondary, isReplicated, busRegions, roleArn } = endpoint;
  return {
    Name: name,
    Arn: endpointArn(endpoint),
    RoutingConfig: {
      FailoverConfig: { Primary: { HealthCheck: healthCheckArn }, Secondary: { Route: secondary } },
    },
    ReplicationConfig: { State: isReplicated ? 'ENABLED' : 'DISABLED' },
    EventBuses: busRegions.map((region) => ({ EventBusArn: endpointBusArn(endpoint, region) })),
    RoleArn: roleArn,
    State: 'ACTIVE',
  } as const;
}

export function describeEndpoint(endpoint: EndpointRecord): Endpoint & DescribeEndpointResponse {
  const { id, description, createdAtMs, modifiedAtMs } = endpoint;
  return {
    ...describeSettings(endpoint),
    Description: description,
    EndpointId: id,
    EndpointUrl: endpointUrl(id),
    CreationTime: createdAtMs,
    LastModifiedTime: modifiedAtMs,
  };
}
