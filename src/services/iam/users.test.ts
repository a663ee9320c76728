import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import * as iam from '@aws-sdk/client-iam';
import { ACCOUNT, createClient, POLICY, refused } from '../../testing/iam-fixture.ts';
import { startTestServer } from '../../testing/test-server.ts';

suite('IAM users', () => {
  test('have two keys at the most, which keep working under a new name', async () => {
    await using server = await startTestServer();
    const client = createClient(server);
    await client.send(new iam.CreateUserCommand({ UserName: 'ada' }));
    const { AccessKey: key } = await client.send(new iam.CreateAccessKeyCommand({ UserName: 'ada' }));
    await client.send(new iam.CreateAccessKeyCommand({ UserName: 'ada' }));
    await refused(
      client.send(new iam.CreateAccessKeyCommand({ UserName: 'ada' })),
      'LimitExceeded',
      'Cannot exceed quota for AccessKeysPerUser: 2',
    );
    await refused(
      client.send(new iam.DeleteUserCommand({ UserName: 'ada' })),
      'DeleteConflict',
      'Cannot delete entity, must delete access keys first.',
    );
    await client.send(new iam.UpdateUserCommand({ UserName: 'ada', NewUserName: 'grace', NewPath: '/n/' }));
    const credentials = { accessKeyId: key?.AccessKeyId ?? '', secretAccessKey: key?.SecretAccessKey ?? '' };
    const own = new iam.IAMClient({ ...server.clientConfig(), credentials, maxAttempts: 1 });
    const { User: self } = await own.send(new iam.GetUserCommand({}));
    assert.equal(self?.Arn, `arn:aws:iam::${ACCOUNT}:user/n/grace`);
    const { AccessKeyMetadata: keys } = await own.send(new iam.ListAccessKeysCommand({}));
    assert.deepEqual(
      keys?.map(({ UserName, Status }) => [UserName, Status]),
      [
        ['grace', 'Active'],
        ['grace', 'Active'],
      ],
    );
    const lastUsed = await client.send(
      new iam.GetAccessKeyLastUsedCommand({ AccessKeyId: credentials.accessKeyId }),
    );
    assert.equal(lastUsed.UserName, 'grace');
  });

  test('who sign with a wrong secret are refused', async () => {
    await using server = await startTestServer();
    const client = createClient(server);
    await client.send(new iam.CreateUserCommand({ UserName: 'ada' }));
    const { AccessKey: key } = await client.send(new iam.CreateAccessKeyCommand({ UserName: 'ada' }));
    const credentials = { accessKeyId: key?.AccessKeyId ?? '', secretAccessKey: 'wrong' };
    const forged = new iam.IAMClient({ ...server.clientConfig(), credentials, maxAttempts: 1 });
    await assert.rejects(forged.send(new iam.GetUserCommand({})), { name: 'SignatureDoesNotMatch' });
  });

  test('keep their keys over a restart, and no secret lies open on the disk', async (t) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'millrace-'));
    t.after(() => rmSync(dataDir, { recursive: true }));
    const settings = { memory: false, dataDir };
    let credentials = { accessKeyId: '', secretAccessKey: '' };
    {
      await using server = await startTestServer({ settings });
      const client = createClient(server);
      await client.send(new iam.CreateUserCommand({ UserName: 'ada' }));
      const { AccessKey: key } = await client.send(new iam.CreateAccessKeyCommand({ UserName: 'ada' }));
      credentials = { accessKeyId: key?.AccessKeyId ?? '', secretAccessKey: key?.SecretAccessKey ?? '' };
    }
    const files = readdirSync(dataDir, { recursive: true, withFileTypes: true }).filter((file) =>
      file.isFile(),
    );
    const bytes = Buffer.concat(files.map(({ parentPath, name }) => readFileSync(join(parentPath, name))));
    assert.ok(bytes.includes(credentials.accessKeyId));
    assert.ok(!bytes.includes(credentials.secretAccessKey));
    await using server = await startTestServer({ settings });
    const own = new iam.IAMClient({ ...server.clientConfig(), credentials, maxAttempts: 1 });
    const { User: self } = await own.send(new iam.GetUserCommand({}));
    assert.equal(self?.UserName, 'ada');
    const stranger = { ...credentials, secretAccessKey: 'wrong' };
    const forged = new iam.IAMClient({ ...server.clientConfig(), credentials: stranger, maxAttempts: 1 });
    await assert.rejects(forged.send(new iam.GetUserCommand({})), { name: 'SignatureDoesNotMatch' });
  });

  test('without a name are the caller, and the root for a key that nobody made', async () => {
    await using server = await startTestServer();
    const { User: root } = await createClient(server).send(new iam.GetUserCommand({}));
    assert.equal(root?.Arn, `arn:aws:iam::${ACCOUNT}:root`);
    await refused(
      createClient(server).send(new iam.CreateAccessKeyCommand({})),
      'ValidationError',
      'Must specify userName when calling with non-User credentials',
    );
  });

  test('keep policies and tags of their own', async () => {
    await using server = await startTestServer();
    const client = createClient(server);
    const UserName = 'ada';
    await client.send(new iam.CreateUserCommand({ UserName, Tags: [{ Key: 'a', Value: '1' }] }));
    await client.send(new iam.PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument: POLICY }));
    const PolicyArn = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
    await client.send(new iam.AttachUserPolicyCommand({ UserName, PolicyArn }));
    const { AttachedPolicies: attached } = await client.send(
      new iam.ListAttachedUserPoliciesCommand({ UserName }),
    );
    assert.deepEqual(attached, [{ PolicyName: 'ReadOnlyAccess', PolicyArn }]);
    const { PolicyUsers: users } = await client.send(new iam.ListEntitiesForPolicyCommand({ PolicyArn }));
    assert.deepEqual(
      users?.map((user) => user.UserName),
      ['ada'],
    );
    const { Tags: tags } = await client.send(new iam.ListUserTagsCommand({ UserName }));
    assert.deepEqual(tags, [{ Key: 'a', Value: '1' }]);
    await refused(
      client.send(new iam.GetUserPolicyCommand({ UserName, PolicyName: 'q' })),
      'NoSuchEntity',
      'The user policy with name q cannot be found.',
    );
  });
});
