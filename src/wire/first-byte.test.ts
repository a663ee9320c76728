import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { type FixtureOptions, startFixture } from '../testing/wire-fixture.ts';

const BODY = '{"QueueUrl":"u","MessageBody":"b"}';
const SEND = [
  'POST / HTTP/1.1',
  'Host: localhost',
  'Connection: close',
  'X-Amz-Target: AmazonSQS.SendMessage',
  'Content-Type: application/x-amz-json-1.0',
  `Content-Length: ${BODY.length}`,
  '',
  BODY,
].join('\r\n');

const echo: FixtureOptions = { handlers: { 'sqs:SendMessage': () => ({ MessageId: 'm' }) } };

async function opened(port: number, allowHalfOpen = false): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Everything that comes until the server ends the connection. */
async function readAll(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('latin1');
  for await (const chunk of socket) text += String(chunk);
  return text;
}

test('a request is served whose first byte comes alone', async () => {
  await using fixture = await startFixture(echo);
  const socket = await opened(fixture.port);
  socket.setNoDelay(true);
  socket.write(SEND.slice(0, 1));
  setImmediate(() => socket.write(SEND.slice(1)));
  assert.match(await readAll(socket), /^HTTP\/1\.1 200 /);
});

test('a client that sends its request and the end of its side at once is answered', async () => {
  await using fixture = await startFixture(echo);
  const socket = await opened(fixture.port, true);
  socket.end(SEND);
  assert.match(await readAll(socket), /^HTTP\/1\.1 200 /);
});

test('a client that says nothing is cut off', async () => {
  await using fixture = await startFixture({ ...echo, limits: { headersTimeoutMs: 50 } });
  const sockets = await Promise.all([opened(fixture.port), opened(fixture.port)]);
  assert.deepEqual(await Promise.all(sockets.map(readAll)), ['', '']);
  const later = await opened(fixture.port);
  assert.equal(await readAll(later), '');
});

test(
  'a client that ends without having said anything gets the end back at once',
  { timeout: 20_000 },
  async () => {
    // Long after the test has failed it would be cut off for its silence.
    await using fixture = await startFixture({ ...echo, limits: { headersTimeoutMs: 100_000 } });
    const socket = await opened(fixture.port, true);
    socket.end();
    assert.equal(await readAll(socket), '');
  },
);

test('a client that resets its connection before it has said anything harms nobody', async () => {
  await using fixture = await startFixture(echo);
  for (let count = 0; count < 8; count += 1) {
    const reset = await opened(fixture.port);
    reset.resetAndDestroy();
    await once(reset, 'close');
  }
  const socket = await opened(fixture.port);
  socket.write(SEND);
  assert.match(await readAll(socket), /^HTTP\/1\.1 200 /);
});

test('closing does not wait for who has said nothing', async () => {
  const fixture = await startFixture(echo);
  const socket = await opened(fixture.port);
  const closed = fixture.server.close();
  assert.equal(await readAll(socket), '');
  await closed;
});

test('a handshake with a server without TLS is a malformed request', async () => {
  await using fixture = await startFixture(echo);
  const socket = await opened(fixture.port);
  socket.write(Buffer.from('160301020001', 'hex'));
  assert.match(await readAll(socket), /^HTTP\/1\.1 400 /);
});
