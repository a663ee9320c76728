/** A server whose process may open no more files: it turns new clients away, and goes on with those that it has. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { AwsClient, UnreachableError } from '../../src/cli/aws-client.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
/** A server that has started holds about 40. */
const DESCRIPTORS = 64;
const MORE_THAN_THERE_IS_ROOM_FOR = 100;
/** Enough for the store to write its table and to start its files anew. */
const SENT = 300;
const BODY = 'x'.repeat(100_000);

interface Limited extends AsyncDisposable {
  readonly client: AwsClient;
  readonly port: number;
}

async function startLimited(): Promise<Limited> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-descriptors-'));
  const command = `ulimit -n ${DESCRIPTORS}; exec "$@"`;
  const settings = ['--port', '0', '--data-dir', directory, '--log-level', 'silent', '--json'];
  const child = spawn('sh', ['-c', command, 'sh', process.execPath, MAIN, 'start', ...settings], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { endpoint } = JSON.parse(line) as { endpoint: string };
  const account = { region: 'us-east-1', accessKeyId: 'test', secretAccessKey: 'test' };
  return {
    client: new AwsClient({ url: endpoint, ...account }),
    port: Number(new URL(endpoint).port),
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Opens connections until the server turns one away, at once or later. */
async function takeAll(port: number): Promise<Socket[]> {
  const refused = Promise.withResolvers<void>();
  const sockets = Array.from({ length: MORE_THAN_THERE_IS_ROOM_FOR }, () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.on('close', () => refused.resolve());
    return socket;
  });
  await refused.promise;
  return sockets;
}

/** One request on a connection that is there already. */
async function send(socket: Socket, queueUrl: string): Promise<string> {
  const body = JSON.stringify({ QueueUrl: queueUrl, MessageBody: BODY });
  socket.write(
    `POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.SendMessage\r\n` +
      `Content-Type: application/x-amz-json-1.0\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer.toString('latin1').split('\r\n', 1)[0] ?? '';
}

const isWindows = process.platform === 'win32';

test(
  'a server without descriptors keeps its clients and takes new ones when some are free',
  { skip: isWindows },
  async () => {
    await using server = await startLimited();
    const { client, port } = server;
    const { QueueUrl } = await client.json<{ QueueUrl: string }>('sqs', 'CreateQueue', { QueueName: 'full' });
    const kept = connect(port, '127.0.0.1');
    assert.equal(await send(kept, QueueUrl), 'HTTP/1.1 200 OK');
    const others = await takeAll(port);
    for (let index = 1; index < SENT; index += 1) assert.equal(await send(kept, QueueUrl), 'HTTP/1.1 200 OK');
    for (const socket of others) socket.destroy();
    kept.destroy();
    const { Attributes } = await untilTaken(() =>
      client.json<{ Attributes: Record<string, string> }>('sqs', 'GetQueueAttributes', {
        QueueUrl,
        AttributeNames: ['ApproximateNumberOfMessages'],
      }),
    );
    assert.equal(Attributes['ApproximateNumberOfMessages'], String(SENT));
  },
);

const TRIES_MAX = 20_000;

/** The server hears of the closed connections in its own time, and turns clients away until then. */
async function untilTaken<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof UnreachableError) || tries === TRIES_MAX) throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
