/**
 * Questions that the DNS server of a region answers in a second, over UDP: a failover record in a zone of 1,000 sets,
 * asked for by a process beside it.
 *
 *   npx node scripts/measure-dns.ts [--seconds 3] [--in-flight 64]
 */
import { createSocket } from 'node:dgram';
import { parseArgs } from 'node:util';
import { encode } from 'dns-packet';
import { AwsClient } from '../src/cli/aws-client.ts';
import { startMeasured } from './measured-process.ts';

const ZONE = 'orders.example';
const SETS = 1000;

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '3' }, 'in-flight': { type: 'string', default: '64' } },
});

async function fill(client: AwsClient): Promise<void> {
  const namespace = 'xmlns="https://route53.amazonaws.com/doc/2013-04-01/"';
  const answer = await client.xml(
    'POST',
    '/hostedzone',
    `<CreateHostedZoneRequest ${namespace}><Name>${ZONE}</Name><CallerReference>m</CallerReference></CreateHostedZoneRequest>`,
  );
  const zoneId = /<Id>(\/hostedzone\/\w+)</.exec(answer)?.[1] ?? '';
  const change = (name: string, more: string): string =>
    `<Change><Action>CREATE</Action><ResourceRecordSet><Name>${name}.${ZONE}</Name><Type>A</Type>${more}<TTL>5</TTL>` +
    '<ResourceRecords><ResourceRecord><Value>192.0.2.1</Value></ResourceRecord></ResourceRecords>' +
    '</ResourceRecordSet></Change>';
  const failover = ['PRIMARY', 'SECONDARY'].map((role) =>
    change('api', `<SetIdentifier>${role}</SetIdentifier><Failover>${role}</Failover>`),
  );
  // The health check that a primary must have is one of nothing: it counts as healthy.
  const check = await client.xml(
    'POST',
    '/healthcheck',
    `<CreateHealthCheckRequest ${namespace}><CallerReference>m</CallerReference><HealthCheckConfig><Type>CALCULATED</Type>` +
      '<HealthThreshold>0</HealthThreshold></HealthCheckConfig></CreateHealthCheckRequest>',
  );
  const checkId = /<Id>([^<]+)</.exec(check)?.[1] ?? '';
  failover[0] = (failover[0] ?? '').replace('<TTL>', `<HealthCheckId>${checkId}</HealthCheckId><TTL>`);
  const others = Array.from({ length: SETS }, (_, index) => change(`host-${index}`, ''));
  for (let from = 0; from < others.length; from += 500) {
    const changes = [...(from === 0 ? failover : []), ...others.slice(from, from + 500)].join('');
    await client.xml(
      'POST',
      `${zoneId}/rrset`,
      `<ChangeResourceRecordSetsRequest ${namespace}><ChangeBatch><Changes>${changes}</Changes></ChangeBatch>` +
        '</ChangeResourceRecordSetsRequest>',
    );
  }
}

async function flood(port: number, seconds: number, inFlight: number): Promise<number> {
  const udp = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 });
  const question = encode({ type: 'query', id: 1, questions: [{ type: 'A', name: `api.${ZONE}` }] });
  let answered = 0;
  const ask = (): void => udp.send(question, port, '127.0.0.1');
  udp.on('message', () => {
    answered += 1;
    ask();
  });
  for (let index = 0; index < inFlight; index += 1) ask();
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  udp.close();
  return Math.round(answered / seconds);
}

await using server = await startMeasured(['--region', 'us-east-1']);
const client = new AwsClient({
  url: server.endpoint,
  region: 'us-east-1',
  accessKeyId: 'test',
  secretAccessKey: 'test',
});
await fill(client);
const { body } = await client.platform<{ regions: Record<string, { dnsPort: number }> }>(
  'GET',
  '/_millrace/health',
);
const port = body.regions['us-east-1']?.dnsPort ?? 0;
const [seconds, inFlight] = [Number(values.seconds), Number(values['in-flight'])];
await flood(port, 1, inFlight);
for (let run = 0; run < 3; run += 1)
  console.log(`${await flood(port, seconds, inFlight)} questions a second`);
