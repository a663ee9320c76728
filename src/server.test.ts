/** What a server knows of itself, and how it ends when it cannot begin, cannot go on, or is made to begin anew. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { suite, test } from 'node:test';
import {
  CreateQueueCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { systemClock } from './base/clock.ts';
import { silentLogger } from './base/log.ts';
import { seededRandom } from './base/random.ts';
import { queueKey } from './engine/queue/queue-record.ts';
import { createMemoryStore } from './storage/memory/store.ts';
import { openSqliteStore } from './storage/sqlite/store.ts';
import { type Lease, StaleEpochError } from './storage/store.ts';
import { createFaultyStore } from './testing/faulty-store.ts';
import { startTestServer } from './testing/test-server.ts';

const SCOPE = { account: '000000000000', region: 'us-east-1' };

/** Changes one byte of a record behind the back of the store. */
function damage(path: string, recordKey: string): void {
  using database = new DatabaseSync(path);
  const keyBytes = Buffer.from(recordKey, 'latin1');
  const row = database.prepare('SELECT value FROM record WHERE key = ?').get(keyBytes);
  const value = Buffer.from(row?.['value'] as Uint8Array);
  value.writeUInt8(value.readUInt8(10) ^ 1, 10);
  database.prepare('UPDATE record SET value = ? WHERE key = ?').run(value, keyBytes);
}

suite('a server', () => {
  test('knows its directory in full even when it was given from here: functions run elsewhere', async (context) => {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-server-'));
    context.after(() => rmSync(directory, { recursive: true }));
    const settings = { memory: false, dataDir: relative(process.cwd(), directory) };
    await using server = await startTestServer({ settings });
    assert.ok(isAbsolute(server.dataDir ?? ''));
    assert.equal(server.dataDir, join(directory, 'us-east-1'));
  });

  test('that cannot listen says why, and lets go of its data', async (context) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'millrace-server-'));
    context.after(() => rmSync(dataDir, { recursive: true }));
    await using other = await startTestServer();
    const settings = { memory: false, dataDir };
    await assert.rejects(startTestServer({ settings: { ...settings, port: other.port } }), {
      name: 'AddressError',
      message: new RegExp(`^port ${other.port} of 127\\.0\\.0\\.1 is in use`),
    });
    await using _server = await startTestServer({ settings });
  });

  test('that cannot recover lets go of its port', async () => {
    const port = await freePort();
    const store = createMemoryStore();
    store.range = () => {
      throw new Error('unreadable');
    };
    await assert.rejects(startTestServer({ store, settings: { port } }), /unreadable/);
    await using _server = await startTestServer({ settings: { port } });
  });

  test('that cannot go on listens no more', async () => {
    const store = createFaultyStore(createMemoryStore(), seededRandom(1), { lost: 1 });
    const server = await startTestServer({ store });
    // It writes, to find out.
    await fetch(`${server.endpoint}/_millrace/health`);
    await assert.rejects(server.stopped);
    await assert.rejects(fetch(`${server.endpoint}/_millrace/health`));
  });

  test('that another has deposed ends with its next commit, of which nothing is applied', async () => {
    const store = createMemoryStore();
    const taken: Lease[] = [];
    const take = store.lease.bind(store);
    store.lease = async (...asked) => {
      const lease = await take(...asked);
      if (lease !== undefined) taken.push(lease);
      return lease;
    };
    const server = await startTestServer({ store });
    const [lease] = taken;
    assert.ok(lease);
    // As if its lease had ended while it was stopped.
    await store.release(lease);
    await store.lease(lease.name, 'another', 60_000);
    const position = store.lastPosition;
    await fetch(`${server.endpoint}/_millrace/health`);
    await assert.rejects(server.stopped, ({ cause }: Error) => cause instanceof StaleEpochError);
    assert.equal(store.lastPosition, position);
  });

  test('that reads damaged bytes goes on, and says so in its doctor, also after a restart', async (context) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'millrace-server-'));
    context.after(() => rmSync(dataDir, { recursive: true }));
    const settings = { memory: false, dataDir };
    const queueNames = ['one', 'two'];
    {
      await using server = await startTestServer({ settings });
      const sqs = new SQSClient(server.clientConfig());
      for (const QueueName of queueNames) await sqs.send(new CreateQueueCommand({ QueueName }));
    }
    {
      // What has been committed is in the journal, and in the table once a store has been told to settle.
      const directory = join(dataDir, 'us-east-1');
      await using store = await openSqliteStore({ directory, clock: systemClock, log: silentLogger });
      await store.settle();
    }
    damage(join(dataDir, 'us-east-1', 'store.db'), queueKey(SCOPE, 'one'));
    for (const _start of ['first', 'second']) {
      await using server = await startTestServer({ settings });
      const sqs = new SQSClient(server.clientConfig());
      const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
      assert.deepEqual(
        QueueUrls.map((url) => url.split('/').at(-1)),
        ['two'],
      );
      const answer = await fetch(`${server.endpoint}/_millrace/doctor`);
      const { findings } = (await answer.json()) as {
        findings: { name: string; status: string; text: string }[];
      };
      const [summary, found] = findings.filter(({ name }) => name === 'quarantine');
      assert.match(summary?.text ?? '', /^1 set aside/);
      assert.equal(found?.status, 'problem');
      assert.match(found?.text ?? '', /^record "queue\/000000000000\/us-east-1\/one\/", since 20/);
    }
  });

  test('that is reset ends the requests that wait', async () => {
    await using server = await startTestServer();
    const sqs = new SQSClient(server.clientConfig());
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'orders' }));
    const polled = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    const followed = fetch(`${server.endpoint}/_millrace/events?after=`);
    await fetch(`${server.endpoint}/_millrace/health`);
    await server.reset();
    assert.equal((await polled).Messages, undefined);
    assert.deepEqual(await (await followed).json(), { events: [] });
    sqs.destroy();
  });
});

test('test servers on the same data, one after the other, give no id twice', async (context) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-server-'));
  context.after(() => rmSync(dataDir, { recursive: true }));
  const ids = new Set<string | undefined>();
  for (let run = 0; run < 2; run += 1) {
    await using server = await startTestServer({ settings: { memory: false, dataDir } });
    const sqs = new SQSClient(server.clientConfig());
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'orders' }));
    ids.add((await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a' }))).MessageId);
    sqs.destroy();
  }
  assert.equal(ids.size, 2);
});

async function freePort(): Promise<number> {
  await using server = await startTestServer();
  return server.port;
}
