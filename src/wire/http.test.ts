import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { AwsError } from '../base/errors.ts';
import { SimClock } from '../testing/sim-clock.ts';
import type { PlatformRoute } from './dispatch.ts';
import { authorization, startFixture } from '../testing/wire-fixture.ts';
import type { FixtureOptions } from '../testing/wire-fixture.ts';

const MEBIBYTE = 1024 * 1024;

const HEAD = [
  'POST / HTTP/1.1',
  'Host: localhost',
  'X-Amz-Target: AmazonSQS.SendMessage',
  'Content-Type: application/x-amz-json-1.0',
].join('\r\n');
const BODY = '{"QueueUrl":"u","MessageBody":"b"}';
const SEND = `${HEAD}\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

const echo: FixtureOptions = { handlers: { 'sqs:SendMessage': () => ({ MessageId: 'm' }) } };

/** Everything that the server sends until it ends the connection. */
function readAll(socket: Socket): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => (text += chunk));
  // A server that cuts a connection while we still send makes that an error of ours: what it said before counts.
  socket.on('error', () => undefined);
  socket.on('close', () => resolve(text));
  return promise;
}

/** Sends bytes and takes what comes back until the server closes. */
async function exchange(port: number, bytes: string | readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  for (const part of typeof bytes === 'string' ? [bytes] : bytes) socket.write(part);
  return readAll(socket);
}

function statuses(text: string): string[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => match[1] ?? '');
}

const CLOSING = SEND.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');

test('answers name their request, and a connection serves many of them', async () => {
  await using fixture = await startFixture(echo);
  const text = await exchange(fixture.port, SEND + SEND + CLOSING);
  assert.deepEqual(statuses(text), ['200', '200', '200']);
  const ids = [...text.matchAll(/x-amzn-RequestId: ([0-9a-f-]{36})/g)].map((match) => match[1]);
  assert.equal(new Set(ids).size, 3);
  assert.equal(fixture.seen.length, 3);
});

test('a request with two lengths, or a length and chunks, is refused and nothing of it is served', async () => {
  await using fixture = await startFixture(echo);
  const smuggled = `0\r\n\r\n${SEND}`;
  const attacks = [
    `${HEAD}\r\nContent-Length: ${smuggled.length}\r\nTransfer-Encoding: chunked\r\n\r\n${smuggled}`,
    `${HEAD}\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n${smuggled}`,
    `${HEAD}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n${BODY}`,
    `${HEAD}\r\nContent-Length: 3, 34\r\n\r\n${BODY}`,
    `${HEAD}\r\nContent-Length: +34\r\n\r\n${BODY}`,
    `${HEAD}\r\nContent-Length : 34\r\n\r\n${BODY}`,
    `${HEAD}\r\nTransfer-Encoding: xchunked\r\n\r\n${smuggled}`,
    `${HEAD}\r\nTransfer-Encoding: chunked, identity\r\n\r\n${smuggled}`,
    `${HEAD}\r\nTransfer-Encoding : chunked\r\n\r\n${smuggled}`,
    `${HEAD}\r\nX: a\r\n Transfer-Encoding: chunked\r\nContent-Length: 34\r\n\r\n${BODY}\u0000`,
    `${HEAD}\r\nTransfer-Encoding: chunked\r\n\r\n22;\n\r\n${BODY}\r\n0\r\n\r\n`,
    `${HEAD}\r\nTransfer-Encoding: chunked\r\n\r\n0x22\r\n${BODY}\r\n0\r\n\r\n`,
    SEND.replace('Host: localhost\r\n', ''),
    `POST / HTTP/1.1\nHost: localhost\n\nGET / HTTP/1.1\r\n\r\n`,
  ];
  for (const attack of attacks) {
    const answered = statuses(await exchange(fixture.port, attack));
    assert.notEqual(answered.at(-1), '200', attack);
    assert.ok(answered.length <= 2, attack);
  }
  const served = fixture.seen.filter(({ input }) => JSON.stringify(input) !== BODY);
  assert.deepEqual(served, []);
});

test('a body past the bound is refused as soon as its length is announced', async () => {
  await using fixture = await startFixture({ ...echo, limits: { bodySizeBytes: 1000 } });
  const text = await exchange(fixture.port, `${HEAD}\r\nContent-Length: 1001\r\n\r\n`);
  assert.deepEqual(statuses(text), ['413']);
  assert.match(text, /RequestEntityTooLargeException/);
});

test('a body in chunks past the bound is refused when it passes it', async () => {
  await using fixture = await startFixture({ ...echo, limits: { bodySizeBytes: 1000 } });
  const chunk = `200\r\n${'a'.repeat(0x200)}\r\n`;
  const text = await exchange(fixture.port, [`${HEAD}\r\nTransfer-Encoding: chunked\r\n\r\n`, chunk, chunk]);
  assert.deepEqual(statuses(text), ['413']);
  assert.equal(fixture.seen.length, 0);
});

test('a service with larger requests has a bound of its own', async () => {
  const limits = { bodySizeBytes: 10, bodySizeBytesByService: new Map([['sqs', 1000] as const]) };
  await using fixture = await startFixture({ ...echo, limits });
  assert.deepEqual(statuses(await exchange(fixture.port, CLOSING)), ['200']);
});

test('all bodies together have a bound, and what was refused no longer counts', async () => {
  const limits = { bufferedBodyBytes: 2 * MEBIBYTE };
  await using fixture = await startFixture({ ...echo, limits });
  const large = (size: number): string => {
    const body = JSON.stringify({ QueueUrl: 'u', MessageBody: 'x'.repeat(size) });
    return `${HEAD}\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  };
  assert.deepEqual(statuses(await exchange(fixture.port, large(3 * MEBIBYTE))), ['503']);
  assert.deepEqual(statuses(await exchange(fixture.port, large(MEBIBYTE))), ['200']);
  assert.deepEqual(statuses(await exchange(fixture.port, large(MEBIBYTE))), ['200']);
});

test('a body counts for as long as its handler has it, though its client is gone', async () => {
  const left = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  await using fixture = await startFixture({
    handlers: {
      ...echo.handlers,
      'sqs:ReceiveMessage': async (_input, { signal }) => {
        signal.addEventListener('abort', () => left.resolve());
        reached.resolve();
        await release.promise;
        setImmediate(() => ended.resolve());
        return {};
      },
    },
    limits: { bufferedBodyBytes: 1.5 * MEBIBYTE },
  });
  const body = JSON.stringify({ QueueUrl: 'u', MessageBody: 'x'.repeat(MEBIBYTE) });
  const large = `${HEAD}\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const socket = connect(fixture.port, '127.0.0.1');
  socket.write(large.replace('SendMessage', 'ReceiveMessage'));
  await reached.promise;
  socket.destroy();
  await left.promise;
  assert.deepEqual(statuses(await exchange(fixture.port, large)), ['503']);
  release.resolve();
  await ended.promise;
  assert.deepEqual(statuses(await exchange(fixture.port, large)), ['200']);
});

test('past the bound of requests that wait for their answers a further one is throttled, and its connection goes on', async () => {
  const reached = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  await using fixture = await startFixture({
    handlers: {
      ...echo.handlers,
      'sqs:ReceiveMessage': async () => {
        reached.resolve();
        await release.promise;
        return {};
      },
    },
    limits: { requestCount: 1 },
  });
  const waiting = exchange(fixture.port, CLOSING.replace('SendMessage', 'ReceiveMessage'));
  await reached.promise;
  const form = `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n\r\n`;
  const invoke =
    'POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n';
  const signed = `${invoke}Authorization: ${authorization('lambda')}\r\n\r\n`;
  const text = await exchange(fixture.port, SEND + form + signed);
  assert.deepEqual(statuses(text), ['400', '400', '429']);
  assert.match(text, /"__type":"ThrottlingException","message":"Rate exceeded"/);
  assert.match(text, /<Code>Throttling<\/Code>/);
  assert.match(text, /"__type":"TooManyRequestsException"/);
  release.resolve();
  assert.deepEqual(statuses(await waiting), ['200']);
  assert.deepEqual(statuses(await exchange(fixture.port, CLOSING)), ['200']);
  assert.equal(fixture.seen.length, 2);
});

test('JSON nested too deep, JSON that is none, and JSON of the wrong kind are refused', async () => {
  await using fixture = await startFixture(echo);
  const bodies = [
    '['.repeat(2_000_000),
    `{"MessageBody":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}`,
    '{"a":',
    '[]',
    '"a"',
    'null',
    '\u0000',
  ];
  for (const body of bodies) {
    const request = `${HEAD}\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const text = await exchange(fixture.port, request);
    assert.deepEqual(statuses(text), ['400'], body.slice(0, 20));
    assert.match(text, /SerializationException/);
  }
  assert.equal(fixture.seen.length, 0);
});

test('headers past the bound are refused', async () => {
  await using fixture = await startFixture({ ...echo, limits: { headerSizeBytes: 8192 } });
  const text = await exchange(fixture.port, `${HEAD}\r\nX: ${'a'.repeat(9000)}\r\n\r\n`);
  assert.deepEqual(statuses(text), ['431']);
});

test('a client that never finishes its headers is cut off', async () => {
  await using fixture = await startFixture({
    ...echo,
    limits: { headersTimeoutMs: 50, requestTimeoutMs: 100 },
  });
  assert.deepEqual(statuses(await exchange(fixture.port, 'POST / HTTP/1.1\r\nHost: loc')), ['408']);
});

test('a client that never finishes its body is cut off', async () => {
  await using fixture = await startFixture({
    ...echo,
    limits: { headersTimeoutMs: 50, requestTimeoutMs: 100 },
  });
  assert.deepEqual(statuses(await exchange(fixture.port, `${HEAD}\r\nContent-Length: 10\r\n\r\n{`)), ['408']);
});

for (const place of ['first', 'second'] as const) {
  test(`a client that asks and never takes the ${place} answer is cut off`, async () => {
    const reached = Promise.withResolvers<void>();
    const cut = Promise.withResolvers<void>();
    await using fixture = await startFixture({
      handlers: {
        'sqs:ReceiveMessage': async () => {
          await reached.promise;
          return {};
        },
        'sqs:SendMessage': (_input, { signal }) => {
          signal.addEventListener('abort', () => cut.resolve());
          reached.resolve();
          // More than the buffers of the system hold on both sides.
          return { MessageId: 'm'.repeat(32 * MEBIBYTE) };
        },
      },
      limits: { answerTimeoutMs: 50 },
    });
    const socket = connect(fixture.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.pause();
    // The answer to the second of two is there before it may be sent, which is when its time begins.
    socket.write(place === 'first' ? SEND : SEND.replace('SendMessage', 'ReceiveMessage') + SEND);
    await cut.promise;
    socket.destroy();
  });
}

test('the signal of a call aborts when its client goes away', async () => {
  const aborted = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  await using fixture = await startFixture({
    handlers: {
      'sqs:ReceiveMessage': async (_input, { signal }) => {
        signal.addEventListener('abort', () => aborted.resolve());
        reached.resolve();
        await aborted.promise;
        return {};
      },
    },
  });
  const socket = connect(fixture.port, '127.0.0.1');
  socket.write(SEND.replace('SendMessage', 'ReceiveMessage'));
  await reached.promise;
  socket.destroy();
  await aborted.promise;
});

test('closing lets what is being answered finish, and takes nothing new', async () => {
  const reached = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const fixture = await startFixture({
    handlers: {
      'sqs:SendMessage': async () => {
        reached.resolve();
        await release.promise;
        return { MessageId: 'late' };
      },
    },
  });
  const answered = exchange(fixture.port, SEND);
  await reached.promise;
  const closed = fixture.server.close();
  release.resolve();
  const text = await answered;
  assert.match(text, /"MessageId":"late"/);
  assert.match(text, /Connection: close/);
  await closed;
  assert.equal(await exchange(fixture.port, SEND), '');
});

/** A server with an answer of 20 MB that its client has begun to take and does not go on with. */
async function startUntaken(clock: SimClock) {
  const message = 'x'.repeat(20 * MEBIBYTE);
  const fixture = await startFixture({
    clock,
    handlers: { 'sqs:SendMessage': () => ({ MessageId: message }) },
  });
  const socket = connect(fixture.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(SEND);
  await once(socket, 'readable');
  return { fixture, socket, sizeBytes: message.length };
}

test('closing waits until a client has taken all of an answer that was given before', async () => {
  const { fixture, socket, sizeBytes } = await startUntaken(new SimClock());
  const idle = connect(fixture.port, '127.0.0.1');
  const closed = fixture.server.close();
  assert.equal(await readAll(idle), '');
  assert.ok((await readAll(socket)).length > sizeBytes);
  await closed;
});

test('closing does not wait for ever for a client that takes nothing', async () => {
  const clock = new SimClock();
  const { fixture, socket, sizeBytes } = await startUntaken(clock);
  const closed = fixture.server.close();
  await clock.advance(60_000);
  await closed;
  assert.ok(socket.bytesRead < sizeBytes);
  socket.destroy();
});

test('the memory of a body is given back with its answer, unless it is the answer', async () => {
  const bodies: Buffer[] = [];
  const echoed: PlatformRoute = {
    isPublic: true,
    answer: ({ body, url }) => {
      bodies.push(body);
      return { status: 200, headers: {}, body: url === '/_echo' ? body : 'taken' };
    },
  };
  const routes = new Map([
    ['POST /_echo', echoed],
    ['POST /_take', echoed],
  ]);
  await using fixture = await startFixture({ routes });
  const post = (path: string): Promise<string> =>
    exchange(
      fixture.port,
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ${MEBIBYTE}\r\n\r\n` +
        'x'.repeat(MEBIBYTE),
    );
  assert.match(await post('/_take'), /taken$/);
  assert.equal(bodies[0]?.length, 0);
  assert.ok((await post('/_echo')).endsWith(`\r\n\r\n${'x'.repeat(MEBIBYTE)}`));
});

test('an answer that HTTP cannot carry ends its connection, not the process', async () => {
  await using fixture = await startFixture({
    handlers: { 'lambda:Invoke': () => ({ StatusCode: 200, FunctionError: 'a\r\nSet-Cookie: b' }) },
  });
  const request =
    'POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n';
  assert.equal(await exchange(fixture.port, request), '');
});

test('an error that JSON cannot carry ends its connection, not the process', async () => {
  await using fixture = await startFixture({
    handlers: {
      'sqs:SendMessage': () => {
        throw new AwsError('QueueDoesNotExist', 'no', { members: { count: 1n } });
      },
    },
  });
  assert.equal(await exchange(fixture.port, SEND), '');
});
