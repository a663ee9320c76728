/** The DNS server of a region over what Route 53 was told, asked by Node's resolver and, where there is one, by dig. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import {
  ChangeTagsForResourceCommand,
  CreateHealthCheckCommand,
  GetHealthCheckLastFailureReasonCommand,
  GetHealthCheckStatusCommand,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import { type Route53Fixture, startRoute53 } from './route53-fixture.ts';

interface RegionHealth {
  readonly dnsPort: number;
  readonly answers?: Readonly<Record<string, string>>;
  readonly checks?: Readonly<Record<string, { readonly isHealthy: boolean; readonly by: object }>>;
}

async function healthOf({ server }: Route53Fixture): Promise<RegionHealth> {
  const answer = await fetch(`${server.endpoint}/_millrace/health`);
  const { regions } = (await answer.json()) as { readonly regions: Readonly<Record<string, RegionHealth>> };
  return regions[server.region] ?? assert.fail('health does not name the region');
}

async function resolverOf(fixture: Route53Fixture): Promise<Resolver> {
  const resolver = new Resolver();
  resolver.setServers([`127.0.0.1:${(await healthOf(fixture)).dnsPort}`]);
  return resolver;
}

/** Asks again until the answer is the one that is waited for. */
async function until<T>(ask: () => Promise<T>, isIt: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isIt(answer)) return answer;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function address(Name: string, Value: string, more: Partial<ResourceRecordSet> = {}): ResourceRecordSet {
  return { Name, Type: 'A', TTL: 5, ResourceRecords: [{ Value }], ...more };
}

describe('DNS', () => {
  it('answers what a change of record sets has put there, once the change is answered', async () => {
    await using fixture = await startRoute53();
    const zone = await fixture.createZone('orders.example');
    const resolver = await resolverOf(fixture);
    const set = address('api.orders.example', '192.0.2.1');
    await fixture.change(zone, { Action: 'CREATE', ResourceRecordSet: set });
    assert.deepEqual(await resolver.resolve4('api.orders.example', { ttl: true }), [
      { address: '192.0.2.1', ttl: 5 },
    ]);
    assert.equal((await resolver.resolveNs('orders.example')).length, 4);
    await assert.rejects(resolver.resolve4('other.orders.example'), { code: 'ENOTFOUND' });
    await assert.rejects(resolver.resolve6('api.orders.example'), { code: 'ENODATA' });
    await assert.rejects(resolver.resolve4('elsewhere.example'), { code: 'EREFUSED' });
    await fixture.change(zone, { Action: 'DELETE', ResourceRecordSet: set });
    await assert.rejects(resolver.resolve4('api.orders.example'), { code: 'ENOTFOUND' });
  });

  it('lets clients in by the names that it hosts, and by no other public name', async () => {
    await using fixture = await startRoute53();
    const call = async (host: string): Promise<number> => {
      const { port } = fixture.server;
      const request = get({ port, path: '/_millrace/health', headers: { host: `${host}:${port}` } });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      response.resume();
      return response.statusCode ?? 0;
    };
    assert.equal(await call('api.orders.example'), 403);
    await fixture.createZone('orders.example');
    assert.equal(await call('api.orders.example'), 200);
    assert.equal(await call('orders.example.evil.example'), 403);
  });

  it('knows the names of the platform itself', async () => {
    await using fixture = await startRoute53();
    const resolver = await resolverOf(fixture);
    for (const name of [
      'abc.lambda-url.us-east-1.on.aws',
      'events.us-east-1.amazonaws.com',
      'sync-localhost',
    ]) {
      assert.deepEqual(await resolver.resolve4(name), ['127.0.0.1'], name);
    }
  });

  it('looks at an endpoint over HTTPS, whoever has signed its certificate', async () => {
    await using fixture = await startRoute53();
    const { HealthCheck: check } = await fixture.client.send(
      new CreateHealthCheckCommand({
        CallerReference: fixture.newReference(),
        HealthCheckConfig: {
          Type: 'HTTPS_STR_MATCH',
          FullyQualifiedDomainName: 'health.localhost',
          Port: fixture.server.port,
          ResourcePath: '/_millrace/health',
          SearchString: '"status":"running"',
          RequestInterval: 10,
        },
      }),
    );
    const HealthCheckId = check?.Id ?? assert.fail();
    const look = (): Promise<string | undefined> =>
      fixture.client
        .send(new GetHealthCheckStatusCommand({ HealthCheckId }))
        .then(({ HealthCheckObservations: seen }) => seen?.[0]?.StatusReport?.Status);
    const status = await until(look, (text) => text !== undefined);
    assert.equal(status, 'Success: HTTP Status Code 200, OK');
  });

  it('fails over to the secondary record when the endpoint of the primary fails, and back', async () => {
    await using fixture = await startRoute53();
    const { client } = fixture;
    let status = 200;
    const endpoint = createServer((_request, response) => response.writeHead(status).end()).listen(
      0,
      '127.0.0.1',
    );
    await once(endpoint, 'listening');
    const { HealthCheck: check } = await client.send(
      new CreateHealthCheckCommand({
        CallerReference: fixture.newReference(),
        HealthCheckConfig: {
          Type: 'HTTP',
          IPAddress: '127.0.0.1',
          Port: (endpoint.address() as AddressInfo).port,
          ResourcePath: '/healthcheck',
          RequestInterval: 10,
          FailureThreshold: 1,
        },
      }),
    );
    const HealthCheckId = check?.Id ?? assert.fail();
    const AddTags = [{ Key: 'millrace:interval-ms', Value: '100' }];
    await client.send(
      new ChangeTagsForResourceCommand({ ResourceType: 'healthcheck', ResourceId: HealthCheckId, AddTags }),
    );
    const zone = await fixture.createZone('orders.example');
    const name = 'api.orders.example';
    const primary = { SetIdentifier: 'one', Failover: 'PRIMARY', HealthCheckId } as const;
    const secondary = { SetIdentifier: 'two', Failover: 'SECONDARY' } as const;
    await fixture.change(
      zone,
      { Action: 'CREATE', ResourceRecordSet: address(name, '192.0.2.1', primary) },
      { Action: 'CREATE', ResourceRecordSet: address(name, '192.0.2.2', secondary) },
    );
    const resolver = await resolverOf(fixture);
    const resolve = (): Promise<string[]> => resolver.resolve4(name);
    assert.deepEqual(await resolve(), ['192.0.2.1']);
    status = 503;
    await until(resolve, ([first]) => first === '192.0.2.2');
    const { HealthCheckObservations: seen } = await client.send(
      new GetHealthCheckLastFailureReasonCommand({ HealthCheckId }),
    );
    assert.equal(seen?.[0]?.StatusReport?.Status, 'Failure: HTTP Status Code 503, Service Unavailable');
    const { answers, checks } = await healthOf(fixture);
    assert.deepEqual(answers, { [name]: '192.0.2.2' });
    assert.partialDeepStrictEqual(checks?.[HealthCheckId], { isHealthy: false, by: { 'us-east-1': false } });
    status = 200;
    await until(resolve, ([first]) => first === '192.0.2.1');
    const { HealthCheckObservations: now } = await client.send(
      new GetHealthCheckStatusCommand({ HealthCheckId }),
    );
    assert.equal(now?.[0]?.Region, 'us-east-1');
    assert.equal(now?.[0]?.StatusReport?.Status, 'Success: HTTP Status Code 200, OK');
    endpoint.close();
  });

  it('is understood by dig', async (test) => {
    if (spawnSync('dig', ['-v']).error !== undefined) {
      test.skip('there is no dig here (bind9-dnsutils)');
      return;
    }
    await using fixture = await startRoute53();
    const zone = await fixture.createZone('orders.example');
    const many = Array.from({ length: 100 }, (_, index) => ({ Value: `192.0.2.${index}` }));
    const set: ResourceRecordSet = { Name: 'many.orders.example', Type: 'A', TTL: 5, ResourceRecords: many };
    await fixture.change(zone, { Action: 'CREATE', ResourceRecordSet: set });
    const port = String((await healthOf(fixture)).dnsPort);
    // In the background: the server answers from this very process.
    const { stdout } = await promisify(execFile)('dig', ['-p', port, '@127.0.0.1', 'MANY.orders.example']);
    assert.match(stdout, /status: NOERROR/);
    assert.match(stdout, /flags: qr aa rd; QUERY: 1, ANSWER: 100/);
    assert.match(stdout, /SERVER: .* \(TCP\)/);
  });
});
