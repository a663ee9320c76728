import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startTestServer } from '../../src/testing/test-server.ts';

const ROOT = { accessKeyId: 'AKIAROOTROOTROOTROOT', secretAccessKey: 'a-secret-of-twenty-characters' };

const startVerifying = () =>
  startTestServer({
    settings: {
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
});
