/**
 * What makes the article's architecture fail over, built with the AWS API: the mirrored rule, a function URL with its
 * health check, two failover records, and the global endpoint.
 */
import { type AwsClient, RemoteError } from '../../cli/aws-client.ts';
import { BUS, ORDER_CREATED, PROCESS_EVENT } from '../architecture.ts';
import type { DrillInstallation } from './installation.ts';
import { API_NAME, ENDPOINT_NAME, PRIMARY, SECONDARY, ZONE } from './names.ts';

export interface Failover {
  /** Of the global endpoint. */
  readonly endpointId: string;
  readonly healthCheckId: string;
}

export interface FailoverOptions {
  readonly installation: DrillInstallation;
  readonly account: string;
  /** Milliseconds between two looks; AWS's fastest is 10 s. */
  readonly intervalMs: number | undefined;
  readonly note: (text: string) => void;
}

const XML_NAMESPACE = 'xmlns="https://route53.amazonaws.com/doc/2013-04-01/"';

export async function buildFailover(options: FailoverOptions): Promise<Failover> {
  const { installation, account, note } = options;
  const primary = installation.client(PRIMARY);
  note(`rule ReplicateEventsRule: what is put in ${PRIMARY} is mirrored to ${SECONDARY}`);
  await createMirror(primary, account);
  note(`function URL of ${PROCESS_EVENT}, and a health check of it`);
  const healthCheckId = await createHealthCheck(primary, options);
  note(`zone ${ZONE} with failover records for ${API_NAME}`);
  await createRecords(installation, healthCheckId);
  note(`global endpoint ${ENDPOINT_NAME}`);
  return { healthCheckId, endpointId: await createEndpoint(primary, account, healthCheckId) };
}

async function createMirror(client: AwsClient, account: string): Promise<void> {
  const pattern = { ...ORDER_CREATED, region: [PRIMARY] };
  const name = 'ReplicateEventsRule';
  const input = { Name: name, EventBusName: BUS, EventPattern: JSON.stringify(pattern) };
  await client.json('events', 'PutRule', input);
  const Arn = `arn:aws:events:${SECONDARY}:${account}:event-bus/${BUS}`;
  const RoleArn = `arn:aws:iam::${account}:role/events-role`;
  await client.json('events', 'PutTargets', {
    Rule: name,
    EventBusName: BUS,
    Targets: [{ Id: '1', Arn, RoleArn }],
  });
}

async function createHealthCheck(client: AwsClient, { intervalMs }: FailoverOptions): Promise<string> {
  const { FunctionUrl: url } = await client.rest<{ FunctionUrl: string }>(
    'lambda',
    'POST',
    `/2021-10-31/functions/${PROCESS_EVENT}/url`,
    { AuthType: 'NONE' },
  );
  const { hostname, port } = new URL(url);
  const config =
    `<Port>${port}</Port><Type>HTTP</Type><ResourcePath>/healthcheck</ResourcePath>` +
    `<FullyQualifiedDomainName>${hostname}</FullyQualifiedDomainName>` +
    '<RequestInterval>10</RequestInterval><FailureThreshold>1</FailureThreshold>';
  const answer = await client.xml(
    'POST',
    '/healthcheck',
    `<CreateHealthCheckRequest ${XML_NAMESPACE}><CallerReference>${PROCESS_EVENT}</CallerReference>` +
      `<HealthCheckConfig>${config}</HealthCheckConfig></CreateHealthCheckRequest>`,
  );
  const id = memberOf(answer, 'Id');
  if (intervalMs === undefined) return id;
  const tag = `<Tag><Key>millrace:interval-ms</Key><Value>${intervalMs}</Value></Tag>`;
  await client.xml(
    'POST',
    `/tags/healthcheck/${id}`,
    `<ChangeTagsForResourceRequest ${XML_NAMESPACE}><AddTags>${tag}</AddTags></ChangeTagsForResourceRequest>`,
  );
  return id;
}

async function createRecords(installation: DrillInstallation, healthCheckId: string): Promise<void> {
  const client = installation.client(PRIMARY);
  const health = await installation.health(PRIMARY);
  const zone = await client.xml(
    'POST',
    '/hostedzone',
    `<CreateHostedZoneRequest ${XML_NAMESPACE}><Name>${ZONE}</Name><CallerReference>drill</CallerReference>` +
      '</CreateHostedZoneRequest>',
  );
  const record = (region: typeof PRIMARY | typeof SECONDARY, role: string, check: string): string =>
    `<Change><Action>CREATE</Action><ResourceRecordSet><Name>${API_NAME}</Name><Type>A</Type>` +
    `<SetIdentifier>${region}</SetIdentifier><Failover>${role}</Failover><TTL>1</TTL><ResourceRecords>` +
    `<ResourceRecord><Value>${health[region].address}</Value></ResourceRecord></ResourceRecords>${check}` +
    '</ResourceRecordSet></Change>';
  const changes =
    record(PRIMARY, 'PRIMARY', `<HealthCheckId>${healthCheckId}</HealthCheckId>`) +
    record(SECONDARY, 'SECONDARY', '');
  await client.xml(
    'POST',
    `${memberOf(zone.slice(zone.indexOf('<HostedZone>')), 'Id')}/rrset`,
    `<ChangeResourceRecordSetsRequest ${XML_NAMESPACE}><ChangeBatch><Changes>${changes}</Changes></ChangeBatch>` +
      '</ChangeResourceRecordSetsRequest>',
  );
}

async function createEndpoint(client: AwsClient, account: string, healthCheckId: string): Promise<string> {
  const bus = (region: string): { EventBusArn: string } => {
    return { EventBusArn: `arn:aws:events:${region}:${account}:event-bus/${BUS}` };
  };
  await client.json('events', 'CreateEndpoint', {
    Name: ENDPOINT_NAME,
    RoutingConfig: {
      FailoverConfig: {
        Primary: { HealthCheck: `arn:aws:route53:::healthcheck/${healthCheckId}` },
        Secondary: { Route: SECONDARY },
      },
    },
    ReplicationConfig: { State: 'ENABLED' },
    EventBuses: [bus(PRIMARY), bus(SECONDARY)],
    RoleArn: `arn:aws:iam::${account}:role/replication-role`,
  });
  const { EndpointId: id } = await client.json<{ EndpointId: string }>('events', 'DescribeEndpoint', {
    Name: ENDPOINT_NAME,
  });
  return id;
}

/** The text of the first element of that name. */
function memberOf(xml: string, name: string): string {
  const text = new RegExp(`<${name}>([^<]+)<`).exec(xml)?.[1];
  if (text === undefined)
    throw new RemoteError('MalformedAnswer', `an answer of Route 53 has no ${name}`, 200);
  return text;
}
