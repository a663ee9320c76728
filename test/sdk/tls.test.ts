/** HTTPS on the port of HTTP, as the SDK and a browser-like client use it, and what a server tells of it. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import {
  CreateQueueCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { startTestServer, type TestServer } from '../../src/testing/test-server.ts';

async function readCa(server: TestServer): Promise<string> {
  const response = await fetch(`${server.endpoint}/_millrace/ca.pem`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'application/x-pem-file');
  return response.text();
}

/** A client of SQS over TLS that trusts `ca`. */
function secureClient(server: TestServer, ca: string): SQSClient {
  return new SQSClient({
    ...server.clientConfig(),
    endpoint: `https://localhost:${server.port}`,
    requestHandler: { httpsAgent: new Agent({ ca, keepAlive: true }) },
    maxAttempts: 1,
  });
}

function temporaryDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-tls-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

suite('HTTPS', () => {
  test('carries the SDK, whose queue has a URL with the scheme that it used', async () => {
    await using server = await startTestServer();
    const sqs = secureClient(server, await readCa(server));
    const plain = new SQSClient(server.clientConfig());
    try {
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
      assert.equal(QueueUrl, `https://localhost:${server.port}/000000000000/q`);
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'over TLS' }));
      const here = await plain.send(new GetQueueUrlCommand({ QueueName: 'q' }));
      assert.equal(here.QueueUrl, `${server.endpoint}/000000000000/q`);
      const { Messages } = await plain.send(new ReceiveMessageCommand({ QueueUrl: here.QueueUrl }));
      assert.equal(Messages?.[0]?.Body, 'over TLS');
    } finally {
      sqs.destroy();
      plain.destroy();
    }
  });

  test('is refused by an SDK that was not told whom to trust', async () => {
    await using server = await startTestServer();
    await using other = await startTestServer();
    const sqs = secureClient(server, await readCa(other));
    await assert.rejects(sqs.send(new ListQueuesCommand({})), /certificate/);
    sqs.destroy();
  });

  test('is trusted again after a restart, by all regions of one data directory', async (context) => {
    const dataDir = temporaryDirectory(context);
    const settings = { memory: false, dataDir };
    let ca: string;
    {
      await using server = await startTestServer({ settings });
      ca = await readCa(server);
      assert.equal(readFileSync(join(dataDir, 'tls', 'ca.pem'), 'utf8'), ca);
    }
    await using first = await startTestServer({ settings });
    await using second = await startTestServer({ settings: { ...settings, region: 'eu-west-1' } });
    for (const server of [first, second]) {
      const sqs = secureClient(server, ca);
      await sqs.send(new ListQueuesCommand({}));
      sqs.destroy();
    }
  });

  test('has its file soon after the start, for who looks for it', async (context) => {
    const dataDir = temporaryDirectory(context);
    await using server = await startTestServer({ settings: { memory: false, dataDir } });
    const path = join(dataDir, 'tls', 'ca.pem');
    while (!existsSync(path)) await fetch(`${server.endpoint}/_millrace/health`);
    const { findings } = (await (await fetch(`${server.endpoint}/_millrace/doctor`)).json()) as {
      findings: { name: string; status: string; text: string }[];
    };
    const [finding] = findings.filter(({ name }) => name === 'tls');
    assert.equal(finding?.status, 'ok');
    assert.ok(finding.text.includes(path), finding.text);
  });

  test('answers the pages of the platform too', async () => {
    await using server = await startTestServer();
    const ca = await readCa(server);
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
    get(`https://127.0.0.1:${server.port}/_millrace/health`, { ca, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject);
    assert.equal(await promise, 200);
  });
});
