/** What a connection costs that is kept for later, as every SDK keeps some. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { rssBytes, startMillrace } from '../../src/bench/processes.ts';

const CONNECTIONS = 2000;
/** Measured: 16 to 20, of 10,000 connections 13. The bound leaves room for garbage that is not collected yet. */
const KIB_PER_CONNECTION_MAX = 40;

const BODY = '{}';
const REQUEST =
  'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.0\r\n' +
  `X-Amz-Target: AmazonSQS.ListQueues\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;

/** Connections that have each had an answer and wait for nothing. */
async function openUsed(port: number, count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let index = 0; index < count; index += 1) {
    const socket = connect(port, '127.0.0.1');
    socket.write(REQUEST);
    await once(socket, 'data');
    sockets.push(socket);
  }
  return sockets;
}

const skip = process.platform === 'linux' ? false : 'only Linux says what a process holds in memory';

test('a connection that is kept for later costs little memory', { skip }, async () => {
  await using server = await startMillrace({});
  const port = Number(new URL(server.endpoint).port);
  // The first requests load and compile what the others use.
  const sockets = await openUsed(port, CONNECTIONS / 4);
  try {
    const before = rssBytes(server.pid) ?? 0;
    sockets.push(...(await openUsed(port, CONNECTIONS)));
    const kib = ((rssBytes(server.pid) ?? 0) - before) / 1024 / CONNECTIONS;
    assert.ok(kib < KIB_PER_CONNECTION_MAX, `${kib.toFixed(1)} KiB for each connection`);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
});
