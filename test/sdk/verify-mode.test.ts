import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AwsClient } from '../../src/cli/aws-client.ts';
import type { Chain } from '../../src/engine/trace/chain.ts';
import type { Settings } from '../../src/config.ts';
import { startTestServer, type TestServer } from '../../src/testing/test-server.ts';

const ROOT = { accessKeyId: 'AKIAROOTROOTROOTROOT', secretAccessKey: 'a-secret-of-twenty-characters' };

const startVerifying = (settings: Settings = {}) =>
  startTestServer({
    settings: {
      ...settings,
      auth: 'verify',
      rootAccessKeyId: ROOT.accessKeyId,
      rootSecretAccessKey: ROOT.secretAccessKey,
    },
  });

suite('a server that verifies its callers', () => {
  test('takes the root key and the keys that are made with it, and no others', async () => {
    await using server = await startVerifying();
    const iam = new IAMClient({ ...server.clientConfig(), credentials: ROOT });
    await iam.send(new CreateUserCommand({ UserName: 'builder' }));
    const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: 'builder' }));
    iam.destroy();
    const list = async (credentials: { accessKeyId: string; secretAccessKey: string }) => {
      const sqs = new SQSClient({ ...server.clientConfig(), credentials, maxAttempts: 1 });
      return sqs.send(new ListQueuesCommand({})).finally(() => sqs.destroy());
    };
    await list(ROOT);
    await list({ accessKeyId: key?.AccessKeyId ?? '', secretAccessKey: key?.SecretAccessKey ?? '' });
    await assert.rejects(list({ ...ROOT, secretAccessKey: 'another-secret-of-twenty' }), {
      name: 'InvalidSignatureException',
    });
    for (const accessKeyId of ['test', '123456789012', 'AKIASTRANGERSTRANGER']) {
      await assert.rejects(list({ accessKeyId, secretAccessKey: 'test' }), {
        name: 'UnrecognizedClientException',
      });
    }
  });

  test('shows strangers its health and none of its other pages', async () => {
    await using server = await startVerifying();
    assert.equal((await fetch(`${server.endpoint}/_millrace/health`)).status, 200);
    const pages = ['GET trace?id=x', 'GET explain?id=x', 'GET events', 'GET doctor', 'POST reset'];
    for (const page of pages) {
      const [method = '', path = ''] = page.split(' ');
      const answer = await fetch(`${server.endpoint}/_millrace/${path}`, { method });
      assert.match(await answer.text(), /Missing Authentication Token|for open mode alone/, page);
    }
  });

  test('shows a key the traces of its own account, and of no other', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'millrace-verify-'));
    try {
      const put = async (server: TestServer, accessKeyId: string): Promise<string> => {
        const events = new EventBridgeClient(server.clientConfig({ accessKeyId }));
        const Entries = [{ Source: 's', DetailType: 't', Detail: '{}' }];
        const answer = await events.send(new PutEventsCommand({ Entries }));
        events.destroy();
        return answer.Entries?.[0]?.EventId ?? '';
      };
      let own = '';
      let foreign = '';
      {
        await using open = await startTestServer({ settings: { memory: false, dataDir } });
        own = await put(open, 'test');
        foreign = await put(open, '123456789012');
      }
      await using server = await startVerifying({ memory: false, dataDir });
      const client = new AwsClient({ url: server.endpoint, region: server.region, ...ROOT });
      const see = async (id: string) => {
        const { body } = await client.platform<Chain>('GET', `/_millrace/trace?id=${id}`);
        const { status } = await client.platform('GET', `/_millrace/explain?id=${id}`);
        return { nodes: body.nodes.length, status };
      };
      assert.deepEqual(await see(own), { nodes: 2, status: 200 });
      assert.deepEqual(await see(foreign), { nodes: 0, status: 404 });
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });
});
