import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { describe, it } from 'node:test';
import type { HealthCheckConfig } from '../../api/route53.ts';
import { type Clock, systemClock } from '../../base/clock.ts';
import { SimClock } from '../../testing/sim-clock.ts';
import { probe, type ProbeResult } from './probe.ts';

async function serve(answer: RequestListener): Promise<Server & AsyncDisposable & { port: number }> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(server, { port: (server.address() as AddressInfo).port });
}

function look(
  config: Partial<HealthCheckConfig>,
  more: { clock?: Clock; own?: string } = {},
): Promise<ProbeResult> {
  const definition = {
    id: 'check-1',
    version: 1,
    config: { Type: 'HTTP', IPAddress: '127.0.0.1', ...config },
  } as const;
  return probe(definition, { clock: more.clock ?? systemClock, resolveOwn: () => more.own });
}

describe('probe', () => {
  it('asks for the path, by the name of the host, and takes 2xx and 3xx for success', async () => {
    const seen: string[] = [];
    await using server = await serve((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.host} ${request.headers['user-agent']}`);
      response.writeHead(Number(request.url?.slice(1)), { Location: '/elsewhere' }).end();
    });
    const { port: Port } = server;
    const answers: string[] = [];
    for (const ResourcePath of ['/200', '/302', '/399', '/400', '/503']) {
      const { hasSucceeded, text } = await look({
        Port,
        ResourcePath,
        FullyQualifiedDomainName: 'api.example',
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
    assert.equal(seen[0], `GET /200 api.example:${Port} Millrace-Route53-Health-Check-Service (ref check-1)`);
  });

  it('searches the first 5,120 bytes of the body, however it is cut', async () => {
    await using server = await serve((request, response) => {
      response.write('x'.repeat(Number(request.url?.slice(1))));
      response.end('all is well');
    });
    const search = async (before: number): Promise<boolean> => {
      const config = {
        Type: 'HTTP_STR_MATCH',
        Port: server.port,
        ResourcePath: `/${before}`,
        SearchString: 'is well',
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
    const { port: Port } = server.address() as AddressInfo;
    assert.deepEqual(await look({ Type: 'TCP', Port }), {
      hasSucceeded: true,
      text: 'Success',
      address: '127.0.0.1',
    });
    server.close();
    await once(server, 'close');
    assert.deepEqual(await look({ Type: 'TCP', Port }), {
      hasSucceeded: false,
      text: 'Failure: Connection refused.',
    });
  });

  it('finds names of the platform where the platform says', async () => {
    await using server = await serve((_request, response) => response.end());
    const config = {
      IPAddress: undefined,
      FullyQualifiedDomainName: 'abc.lambda-url.us-east-1.on.aws',
      Port: server.port,
    };
    assert.equal((await look(config, { own: '127.0.0.1' })).address, '127.0.0.1');
  });

  it('says that a name does not resolve', async () => {
    const { text } = await look({
      IPAddress: undefined,
      FullyQualifiedDomainName: 'nowhere.invalid',
      Port: 80,
    });
    assert.equal(text, 'Failure: DNS resolution failed.');
  });

  it('gives up on an endpoint that takes the connection and says nothing', async () => {
    const clock = new SimClock();
    await using server = await serve(() => void clock.advance(2000));
    const result = await look({ Port: server.port }, { clock });
    assert.match(result.text, /did not receive an HTTP response within the timeout limit/);
  });

  it('gives up on a body that does not come', async () => {
    const clock = new SimClock();
    await using server = await serve((_request, response) => {
      response.write('slow');
      // The status has to be there before the time is up for it.
      setImmediate(() => setImmediate(() => void clock.advance(10_000)));
    });
    const result = await look({ Type: 'HTTP_STR_MATCH', SearchString: 'x', Port: server.port }, { clock });
    assert.equal(result.hasSucceeded, false);
    assert.match(result.text, /within the timeout limit/);
  });

  it('does not look at addresses of the link, by number or by name', async () => {
    assert.match((await look({ IPAddress: '169.254.169.254' })).text, /Link-local/);
    assert.match((await look({ IPAddress: 'fe80::1' })).text, /Link-local/);
    const named = { IPAddress: undefined, FullyQualifiedDomainName: 'metadata.example' };
    assert.match((await look(named, { own: '169.254.169.254' })).text, /Link-local/);
    const mapped = { IPAddress: '::ffff:169.254.169.254' };
    assert.match((await look(mapped)).text, /Link-local/);
  });

  it('reports an answer that is no HTTP', async () => {
    const server = createTcpServer((socket) => socket.end('SSH-2.0-nothing\r\n')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port: Port } = server.address() as AddressInfo;
    const { hasSucceeded, text } = await look({ Port });
    assert.equal(hasSucceeded, false);
    assert.match(text, /^Failure: /);
    server.close();
  });
});
