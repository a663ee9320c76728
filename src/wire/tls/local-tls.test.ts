import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { connect as connectPlain, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { systemClock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { silentLogger } from '../../base/log.ts';
import { SimClock } from '../../testing/sim-clock.ts';
import { type Fixture, type FixtureOptions, startFixture } from '../../testing/wire-fixture.ts';
import { LocalTls, type LocalTlsOptions } from './local-tls.ts';

const DAY_MS = 86_400_000;
/** The head of a record that says that 512 bytes of a handshake follow. */
const HALF_HANDSHAKE = Buffer.from('1603010200010001', 'hex');

interface Opened {
  readonly tls: LocalTls;
  readonly fixture: Fixture;
  readonly caPem: string;
}

async function open(
  options: Partial<LocalTlsOptions> = {},
  handlers: FixtureOptions['handlers'] = { 'sqs:ListQueues': () => ({}) },
): Promise<Opened & AsyncDisposable> {
  const tls = new LocalTls({
    directory: undefined,
    hosts: ['127.0.0.1'],
    region: 'us-east-1',
    clock: systemClock,
    log: silentLogger,
    ...options,
  });
  const fixture = await startFixture({ ...(handlers === undefined ? {} : { handlers }), tls });
  const { caPem } = options.directory === undefined ? await tls.authority() : { caPem: '' };
  return { tls, fixture, caPem, [Symbol.asyncDispose]: () => fixture.server.close() };
}

const HEADERS = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ListQueues' };

interface Answer {
  readonly status: number | undefined;
  readonly certificate: PeerCertificate;
}

/** Asks over TLS as a client that trusts `caPem` alone. */
function ask({ fixture, caPem }: Opened, host: string, agent: Agent | false = false): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const asking = request({
    method: 'POST',
    host: '127.0.0.1',
    port: fixture.port,
    // An address is no name to ask for.
    ...(host === '127.0.0.1' ? {} : { servername: host }),
    headers: { ...HEADERS, host: 'localhost' },
    ca: caPem,
    agent,
  });
  asking.on('error', reject);
  asking.on('response', (response) => {
    const certificate = (response.socket as TLSSocket).getPeerCertificate();
    response.resume();
    response.on('end', () => resolve({ status: response.statusCode, certificate }));
  });
  asking.end('{}');
  return promise;
}

/** Opens a connection, sends `bytes` and resolves once the server has ended it. */
async function sendGarbage(port: number, bytes: Buffer): Promise<void> {
  const socket = connectPlain(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  socket.write(bytes);
  await once(socket, 'close');
}

async function halfOpen(port: number): Promise<Socket> {
  const socket = connectPlain(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  await once(socket, 'connect');
  socket.write(HALF_HANDSHAKE);
  return socket;
}

function plain({ fixture }: Opened): Promise<Response> {
  return fetch(fixture.endpoint, { method: 'POST', headers: HEADERS, body: '{}' });
}

suite('TLS on the port of plain HTTP', () => {
  test('serves both, and says of a call which it was', async () => {
    await using opened = await open();
    assert.equal((await ask(opened, '127.0.0.1')).status, 200);
    assert.equal((await plain(opened)).status, 200);
    assert.deepEqual(
      opened.fixture.seen.map(({ facts }) => facts.scheme),
      ['https', 'http'],
    );
  });

  test('has a certificate for whichever name a client asks for', async () => {
    await using opened = await open();
    for (const name of [
      'localhost',
      'sqs.localhost',
      'abc.lambda-url.us-east-1.localhost',
      'abc.lambda-url.us-east-1.on.aws',
      'abc.lambda-url.eu-west-1.on.aws',
      'abcde.veo.endpoint.events.amazonaws.com',
      'sync-states.us-east-1.amazonaws.com',
      'millrace.example.com',
    ]) {
      assert.equal((await ask(opened, name)).status, 200, name);
    }
  });

  test('is refused by a client that trusts others', async () => {
    await using opened = await open();
    await using other = await open();
    await assert.rejects(ask({ ...opened, caPem: other.caPem }, 'localhost'), /unable to verify|self-signed/);
    assert.equal((await ask(opened, 'localhost')).status, 200);
  });

  test('keeps certificates for some of the names that it was asked for', async () => {
    await using opened = await open({ limits: { certificateCount: 2 } });
    const serial = async (name: string): Promise<string> => {
      return (await ask(opened, name)).certificate.serialNumber;
    };
    const first = await serial('a.localhost');
    assert.equal((await serial('b.localhost')) === first, false);
    assert.equal(await serial('A.localhost'), first);
    // It drops b, which was used before a.
    await serial('c.localhost');
    assert.equal(await serial('a.localhost'), first);
    await serial('d.localhost');
    await serial('e.localhost');
    assert.notEqual(await serial('a.localhost'), first);
  });

  test('offers HTTP/1.1 to clients that would speak HTTP/2 too', async () => {
    await using opened = await open();
    const socket = connect({
      port: opened.fixture.port,
      host: '127.0.0.1',
      ca: opened.caPem,
      ALPNProtocols: ['h2', 'http/1.1'],
    });
    await once(socket, 'secureConnect');
    assert.equal(socket.alpnProtocol, 'http/1.1');
    socket.destroy();
  });

  test('takes a new certificate before the old one ends, for asked names too', async () => {
    const clock = new SimClock(Date.now());
    await using opened = await open({ clock });
    const before = [await ask(opened, '127.0.0.1'), await ask(opened, 'a.localhost')];
    await clock.advance(50 * DAY_MS);
    const between = [await ask(opened, '127.0.0.1'), await ask(opened, 'a.localhost')];
    await clock.advance(15 * DAY_MS);
    // Clients live in real time, for which the new ones begin later than they should.
    await assert.rejects(ask(opened, '127.0.0.1'), /not yet valid/);
    await assert.rejects(ask(opened, 'a.localhost'), /not yet valid/);
    await clock.advance(-65 * DAY_MS);
    const after = await ask(opened, '127.0.0.1');
    const serials = [...before, ...between, after].map(({ certificate }) => certificate.serialNumber);
    assert.deepEqual(serials.slice(2, 4), serials.slice(0, 2));
    assert.equal(new Set(serials).size, 3);
  });

  test('ends connections whose handshake is none', async () => {
    await using opened = await open();
    await sendGarbage(opened.fixture.port, Buffer.from('1603010005deadbeef00', 'hex'));
    await sendGarbage(opened.fixture.port, Buffer.alloc(20_000, 0x16));
    assert.equal((await ask(opened, 'localhost')).status, 200);
    assert.equal((await plain(opened)).status, 200);
  });

  test('survives clients that leave in the middle of a handshake', async () => {
    await using opened = await open();
    const sockets = await Promise.all(Array.from({ length: 8 }, () => halfOpen(opened.fixture.port)));
    for (const socket of sockets) socket.resetAndDestroy();
    assert.equal((await ask(opened, 'localhost')).status, 200);
  });

  test('ends a handshake that takes too long, even if something comes all the time', async () => {
    await using opened = await open({ limits: { handshakeTimeoutMs: 50 } });
    await sendGarbage(opened.fixture.port, HALF_HANDSHAKE);
    await sendGarbage(opened.fixture.port, HALF_HANDSHAKE.subarray(0, 1));
    const dripping = await halfOpen(opened.fixture.port);
    // A hundred bytes or so, of the 512 that the record has room for.
    const timer = setInterval(() => dripping.write(Buffer.of(0)), 1);
    // What it writes into the end may come back as an error: that it ends is what counts.
    dripping.on('error', () => undefined);
    await new Promise((resolve) => dripping.once('close', resolve));
    clearInterval(timer);
  });

  test('takes so many handshakes at a time and no more, and does not count those that are done', async () => {
    await using opened = await open({ limits: { handshakeCount: 1 } });
    // A connection that was answered is one whose handshake is over on both sides, and it is kept open.
    const agent = new Agent({ keepAlive: true });
    assert.equal((await ask(opened, 'localhost', agent)).status, 200);
    const sockets = await Promise.all([halfOpen(opened.fixture.port), halfOpen(opened.fixture.port)]);
    const closed = sockets.map((socket) => once(socket, 'close'));
    await Promise.race(closed);
    assert.equal(sockets.filter(({ destroyed }) => destroyed).length, 1);
    for (const socket of sockets) socket.destroy();
    await Promise.all(closed);
    await asSoonAsPossible(() => ask(opened, 'localhost'));
    agent.destroy();
  });

  test('takes so many connections and no more, and counts those that are kept', async () => {
    await using opened = await open({ limits: { connectionCount: 1 } });
    const agent = new Agent({ keepAlive: true });
    assert.equal((await ask(opened, 'localhost', agent)).status, 200);
    await assert.rejects(ask(opened, 'localhost'), { code: 'ECONNRESET' });
    assert.equal((await plain(opened)).status, 200);
    agent.destroy();
    await asSoonAsPossible(() => ask(opened, 'localhost'));
  });

  test('closing does not wait for handshakes, and lets what is being answered finish', async () => {
    const reached = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const opened = await open(
      {},
      {
        'sqs:ListQueues': async () => {
          reached.resolve();
          await release.promise;
          return {};
        },
      },
    );
    const answered = ask(opened, 'localhost');
    await reached.promise;
    const half = await halfOpen(opened.fixture.port);
    const idle = connect({ port: opened.fixture.port, host: '127.0.0.1', ca: opened.caPem });
    await once(idle, 'secureConnect');
    const ended = Promise.all([once(half, 'close'), once(idle.resume(), 'close')]);
    const closed = opened.fixture.server.close();
    await ended;
    release.resolve();
    assert.equal((await answered).status, 200);
    await closed;
  });

  test('is not there when its key cannot be read, which is said once, and plain HTTP is', async (context) => {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-tls-'));
    context.after(() => rmSync(directory, { recursive: true, force: true }));
    mkdirSync(join(directory, 'tls'));
    writeFileSync(join(directory, 'tls', 'authority-1.pem'), 'nothing');
    const problems: unknown[] = [];
    const log: Logger = { ...silentLogger, error: ({ error }) => problems.push(error) };
    await using opened = await open({ directory: join(directory, 'tls'), log });
    await sendGarbage(opened.fixture.port, HALF_HANDSHAKE);
    await sendGarbage(opened.fixture.port, HALF_HANDSHAKE);
    assert.equal(problems.length, 1);
    assert.match(String(problems[0]), /authority-1\.pem holds no key/);
    assert.equal((await plain(opened)).status, 200);
    // Once it is removed, the next connection makes a new one.
    rmSync(join(directory, 'tls', 'authority-1.pem'));
    const { caPem } = await opened.tls.authority();
    assert.equal((await ask({ ...opened, caPem }, 'localhost')).status, 200);
  });
});

/** Until the server has seen that a client is gone, it may still refuse. */
async function asSoonAsPossible(attempt: () => Promise<Answer>): Promise<void> {
  for (;;) {
    try {
      assert.equal((await attempt()).status, 200);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
    }
  }
}
