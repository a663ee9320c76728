import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { describe, it } from 'node:test';
import { type Clock, systemClock } from '../../base/clock.ts';
import { SimClock } from '../../testing/sim-clock.ts';
import type { HealthCheckSettings } from '../dns/health-check-record.ts';
import { checkRecord } from '../../testing/check-fixture.ts';
import { probe, type ProbeResult } from './probe.ts';

async function serve(answer: RequestListener): Promise<Server & AsyncDisposable & { port: number }> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(server, { port: (server.address() as AddressInfo).port });
}

function look(
  settings: Partial<HealthCheckSettings>,
  more: { clock?: Clock; own?: string } = {},
): Promise<ProbeResult> {
  const check = checkRecord(
    'check-1',
    settings.domainName === undefined ? { ipAddress: '127.0.0.1', ...settings } : settings,
  );
  return probe(check, { clock: more.clock ?? systemClock, resolveOwn: () => more.own });
}

describe('probe', () => {
  it('asks for the path, by the name of the host, and takes 2xx and 3xx for success', async () => {
    const seen: string[] = [];
    await using server = await serve((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.host} ${request.headers['user-agent']}`);
      response.writeHead(Number(request.url?.slice(1)), { Location: '/elsewhere' }).end();
    });
    const { port } = server;
    const answers: string[] = [];
    for (const resourcePath of ['/200', '/302', '/399', '/400', '/503']) {
      const { hasSucceeded, text } = await look({
        ipAddress: '127.0.0.1',
        port,
        resourcePath,
        domainName: 'api.example',
      });
      answers.push(`${hasSucceeded} ${text}`);
    }
    assert.deepEqual(answers, [
      'true Success: HTTP Status Code 200, OK',
      'true Success: HTTP Status Code 302, Found',
      'true Success: HTTP Status Code 399, unknown',
      'false Failure: HTTP Status Code 400, Bad Request',
      'false Failure: HTTP Status Code 503, Service Unavailable',
    ]);
    assert.equal(seen[0], `GET /200 api.example:${port} Millrace-Route53-Health-Check-Service (ref check-1)`);
  });

  it('searches the first 5,120 bytes of the body, however it is cut', async () => {
    await using server = await serve((request, response) => {
      response.write('x'.repeat(Number(request.url?.slice(1))));
      response.end('all is well');
    });
    const search = async (before: number): Promise<boolean> => {
      const config = {
        type: 'HTTP_STR_MATCH',
        port: server.port,
        resourcePath: `/${before}`,
        searchString: 'is well',
      } as const;
      return (await look(config)).hasSucceeded;
    };
    assert.deepEqual(
      [await search(1), await search(5120 - 11), await search(5120 - 10)],
      [true, true, false],
    );
  });

  it('connects, and no more, for TCP', async () => {
    const server = createTcpServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    assert.deepEqual(await look({ type: 'TCP', port }), {
      hasSucceeded: true,
      text: 'Success',
      address: '127.0.0.1',
    });
    server.close();
    await once(server, 'close');
    assert.deepEqual(await look({ type: 'TCP', port }), {
      hasSucceeded: false,
      text: 'Failure: Connection refused.',
    });
  });

  it('finds names of the platform where the platform says', async () => {
    await using server = await serve((_request, response) => response.end());
    const config = {
      domainName: 'abc.lambda-url.us-east-1.on.aws',
      port: server.port,
    };
    assert.equal((await look(config, { own: '127.0.0.1' })).address, '127.0.0.1');
  });

  it('says that a name does not resolve', async () => {
    const { text } = await look({
      domainName: 'nowhere.invalid',
      port: 80,
    });
    assert.equal(text, 'Failure: DNS resolution failed.');
  });

  it('gives up on an endpoint that takes the connection and says nothing', async () => {
    const clock = new SimClock();
    await using server = await serve(() => void clock.advance(2000));
    const result = await look({ port: server.port }, { clock });
    assert.match(result.text, /did not receive an HTTP response within the timeout limit/);
  });

  it('gives up on a body that does not come', async () => {
    const clock = new SimClock();
    await using server = await serve((_request, response) => {
      response.write('slow');
      // The status has to be there before the time is up for it.
      setImmediate(() => setImmediate(() => void clock.advance(10_000)));
    });
    const result = await look({ type: 'HTTP_STR_MATCH', searchString: 'x', port: server.port }, { clock });
    assert.equal(result.hasSucceeded, false);
    assert.match(result.text, /within the timeout limit/);
  });

  it('does not look at addresses of the link, by number or by name', async () => {
    assert.match((await look({ ipAddress: '169.254.169.254' })).text, /Link-local/);
    assert.match((await look({ ipAddress: 'fe80::1' })).text, /Link-local/);
    const named = { domainName: 'metadata.example' };
    assert.match((await look(named, { own: '169.254.169.254' })).text, /Link-local/);
    const mapped = { ipAddress: '::ffff:169.254.169.254' };
    assert.match((await look(mapped)).text, /Link-local/);
  });

  it('reports an answer that is no HTTP', async () => {
    const server = createTcpServer((socket) => socket.end('SSH-2.0-nothing\r\n')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { hasSucceeded, text } = await look({ port });
    assert.equal(hasSucceeded, false);
    assert.match(text, /^Failure: /);
    server.close();
  });
});
