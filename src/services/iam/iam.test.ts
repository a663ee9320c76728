import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import * as iam from '@aws-sdk/client-iam';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: "arn:aws:sqs:*:*:orders (it's*)" }],
});
const ACCOUNT = '123456789012';

function createClient(server: TestServer, region?: string): iam.IAMClient {
  const config = server.clientConfig({ accessKeyId: ACCOUNT, ...(region === undefined ? {} : { region }) });
  return new iam.IAMClient({ ...config, maxAttempts: 1 });
}

const createRole = (client: iam.IAMClient, name: string, input: Partial<iam.CreateRoleCommandInput> = {}) =>
  client.send(new iam.CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: TRUST, ...input }));

/** Rejects with this code, status and text. */
async function refused(
  call: Promise<unknown>,
  code: string,
  message: string,
  status?: number,
): Promise<void> {
  await assert.rejects(call, (error: iam.IAMServiceException) => {
    assert.equal(error.name.replace(/Exception$/, ''), code);
    assert.equal(error.message, message);
    if (status !== undefined) assert.equal(error.$metadata.httpStatusCode, status);
    return true;
  });
}

suite('IAM roles', () => {
  test('come back as they were made, from every region, and are listed by path', async () => {
    await using server = await startTestServer();
    const client = createClient(server);
    const { Role: created } = await createRole(client, 'worker', {
      Path: '/team/',
      Description: 'works',
      MaxSessionDuration: 7200,
      Tags: [{ Key: '__proto__', Value: 'a' }],
    });
    assert.match(created?.RoleId ?? '', /^AROA[A-Z2-7]{17}$/);
    assert.equal(created?.Arn, `arn:aws:iam::${ACCOUNT}:role/team/worker`);
    assert.equal(decodeURIComponent(created?.AssumeRolePolicyDocument ?? ''), TRUST);
    const { Role: found } = await createClient(server, 'eu-west-1').send(
      new iam.GetRoleCommand({ RoleName: 'worker' }),
    );
    assert.deepEqual(found, created);
    assert.deepEqual(found?.Tags, [{ Key: '__proto__', Value: 'a' }]);
    await createRole(client, 'other');
    const { Roles: listed } = await client.send(new iam.ListRolesCommand({ PathPrefix: '/team/' }));
    assert.deepEqual(
      listed?.map(({ RoleName, Tags }) => [RoleName, Tags]),
      [['worker', undefined]],
    );
  });

  test('are unique in their account whatever the case', async () => {
    await using server = await startTestServer();
    const client = createClient(server);
    await createRole(client, 'worker');
    await refused(
      createRole(client, 'Worker'),
      'EntityAlreadyExists',
      'Role with name Worker already exists.',
      409,
    );
  });

  test('that do not exist are refused with the name in the text', async () => {
    await using server = await startTestServer();
    const client = createClient(server);
    const gone = 'The role with name gone cannot be found.';
    for (const command of [
      new iam.GetRoleCommand({ RoleName: 'gone' }),
      new iam.DeleteRoleCommand({ RoleName: 'gone' }),
      new iam.ListRoleTagsCommand({ RoleName: 'gone' }),
      new iam.UpdateRoleCommand({ RoleName: 'gone' }),
    ]) {
      await refused(client.send(command as iam.GetRoleCommand), 'NoSuchEntity', gone, 404);
    }
  });

  test('change in their description, session length, trust and tags', async () => {
    await using server = await startTestServer();
    const client = createClient(server);
    await createRole(client, 'worker', { Tags: [{ Key: 'a', Value: '1' }] });
    const RoleName = 'worker';
    await client.send(new iam.UpdateRoleCommand({ RoleName, Description: 'new', MaxSessionDuration: 3601 }));
    const trust = TRUST.replace('lambda', 'states');
    await client.send(new iam.UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: trust }));
    await client.send(
      new iam.TagRoleCommand({
        RoleName,
        Tags: [
          { Key: 'b', Value: '2' },
          { Key: 'A', Value: '3' },
        ],
      }),
    );
    await client.send(new iam.UntagRoleCommand({ RoleName, TagKeys: ['b'] }));
    const { Role: role } = await client.send(new iam.GetRoleCommand({ RoleName }));
    assert.equal(role?.Description, 'new');
    assert.equal(role?.MaxSessionDuration, 3601);
    assert.equal(decodeURIComponent(role?.AssumeRolePolicyDocument ?? ''), trust);
    assert.deepEqual(role?.Tags, [{ Key: 'A', Value: '3' }]);
  });
});

suite('IAM pages', () => {
  test('go on after the marker, also when the item that it names has gone', async () => {
    await using server = await startTestServer();
    const client = createClient(server);
    for (const name of ['a', 'b', 'c', 'd']) await createRole(client, name);
    const first = await client.send(new iam.ListRolesCommand({ MaxItems: 2 }));
    assert.deepEqual([first.IsTruncated, first.Roles?.map(({ RoleName }) => RoleName)], [true, ['a', 'b']]);
    await client.send(new iam.DeleteRoleCommand({ RoleName: 'b' }));
    const second = await client.send(new iam.ListRolesCommand({ Marker: first.Marker }));
    assert.deepEqual(
      [second.IsTruncated, second.Roles?.map(({ RoleName }) => RoleName)],
      [false, ['c', 'd']],
    );
    await refused(
      client.send(new iam.ListRolesCommand({ Marker: 'no marker' })),
      'ValidationError',
      'Invalid Marker.',
      400,
    );
  });
});

suite('IAM policies of a role', () => {
  test('inline: put, told percent-encoded, replaced, listed and deleted', async () => {
    await using server = await startTestServer();
    const client = createClient(server);
    await createRole(client, 'worker');
    const named = { RoleName: 'worker', PolicyName: 'send' };
    await client.send(new iam.PutRolePolicyCommand({ ...named, PolicyDocument: POLICY }));
    const { PolicyDocument: encoded = '' } = await client.send(new iam.GetRolePolicyCommand(named));
    assert.doesNotMatch(encoded, /[^A-Za-z0-9%._~-]/);
    assert.equal(decodeURIComponent(encoded), POLICY);
    const { PolicyNames: names } = await client.send(new iam.ListRolePoliciesCommand({ RoleName: 'worker' }));
    assert.deepEqual(names, ['send']);
    await refused(
      client.send(new iam.DeleteRoleCommand({ RoleName: 'worker' })),
      'DeleteConflict',
      'Cannot delete entity, must delete policies first.',
      409,
    );
    await client.send(new iam.DeleteRolePolicyCommand(named));
    await refused(
      client.send(new iam.GetRolePolicyCommand(named)),
      'NoSuchEntity',
      'The role policy with name send cannot be found.',
    );
    await client.send(new iam.DeleteRoleCommand({ RoleName: 'worker' }));
  });

  test('inline: together no longer than AWS allows', async () => {
    await using server = await startTestServer();
    const client = createClient(server);
    await createRole(client, 'worker');
    const long = POLICY.replace('orders', 'x'.repeat(10_240));
    await refused(
      client.send(
        new iam.PutRolePolicyCommand({ RoleName: 'worker', PolicyName: 'p', PolicyDocument: long }),
      ),
      'LimitExceeded',
      'Maximum policy size of 10240 bytes exceeded for role worker',
      409,
    );
  });

  test('managed: attached twice is attached once, and holds the role and the policy', async () => {
    await using server = await startTestServer();
    const client = createClient(server);
    await createRole(client, 'worker');
    const created = await client.send(
      new iam.CreatePolicyCommand({ PolicyName: 'p', PolicyDocument: POLICY }),
    );
    const arn = created.Policy?.Arn ?? '';
    const attachment = { RoleName: 'worker', PolicyArn: arn };
    await client.send(new iam.AttachRolePolicyCommand(attachment));
    await client.send(new iam.AttachRolePolicyCommand(attachment));
    const aws = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';
    await client.send(new iam.AttachRolePolicyCommand({ RoleName: 'worker', PolicyArn: aws }));
    const { AttachedPolicies: attached } = await client.send(
      new iam.ListAttachedRolePoliciesCommand({ RoleName: 'worker' }),
    );
    assert.deepEqual(
      attached?.map(({ PolicyName }) => PolicyName),
      ['p', 'AWSLambdaBasicExecutionRole'],
    );
    const { Policy: policy } = await client.send(new iam.GetPolicyCommand({ PolicyArn: arn }));
    assert.equal(policy?.AttachmentCount, 1);
    await refused(
      client.send(new iam.DeleteRoleCommand({ RoleName: 'worker' })),
      'DeleteConflict',
      'Cannot delete entity, must detach all policies first.',
    );
    await refused(
      client.send(new iam.DeletePolicyCommand({ PolicyArn: arn })),
      'DeleteConflict',
      'Cannot delete a policy attached to entities.',
    );
    await client.send(new iam.DetachRolePolicyCommand(attachment));
    await refused(
      client.send(new iam.DetachRolePolicyCommand(attachment)),
      'NoSuchEntity',
      `Policy ${arn} was not found.`,
    );
    await refused(
      client.send(new iam.AttachRolePolicyCommand({ RoleName: 'worker', PolicyArn: `${arn}x` })),
      'NoSuchEntity',
      `Policy ${arn}x does not exist or is not attachable.`,
    );
    await client.send(new iam.DeletePolicyCommand({ PolicyArn: arn }));
  });
});

suite('IAM managed policies', () => {
  test('keep five versions, whose numbers are never used again', async () => {
    await using server = await startTestServer();
    const client = createClient(server);
    const { Policy: policy } = await client.send(
      new iam.CreatePolicyCommand({ PolicyName: 'p', PolicyDocument: POLICY, Path: '/x/' }),
    );
    const PolicyArn = policy?.Arn ?? '';
    assert.equal(PolicyArn, `arn:aws:iam::${ACCOUNT}:policy/x/p`);
    const add = (SetAsDefault: boolean) =>
      client.send(new iam.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: POLICY, SetAsDefault }));
    for (const isDefault of [true, false, false, false]) await add(isDefault);
    await refused(
      add(false),
      'LimitExceeded',
      'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
    );
    await refused(
      client.send(new iam.DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v2' })),
      'DeleteConflict',
      'Cannot delete the default version of a policy.',
    );
    await client.send(new iam.DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v5' }));
    assert.equal((await add(false)).PolicyVersion?.VersionId, 'v6');
    await client.send(new iam.SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: 'v6' }));
    const { Versions: versions } = await client.send(new iam.ListPolicyVersionsCommand({ PolicyArn }));
    assert.deepEqual(
      versions?.map(({ VersionId, IsDefaultVersion }) => `${VersionId} ${IsDefaultVersion}`),
      ['v6 true', 'v4 false', 'v3 false', 'v2 false', 'v1 false'],
    );
    const { PolicyVersion: version } = await client.send(
      new iam.GetPolicyVersionCommand({ PolicyArn, VersionId: 'v6' }),
    );
    assert.equal(decodeURIComponent(version?.Document ?? ''), POLICY);
    await refused(
      client.send(new iam.GetPolicyVersionCommand({ PolicyArn, VersionId: 'v9' })),
      'NoSuchEntity',
      `Policy ${PolicyArn} version v9 does not exist or is not attachable.`,
    );
    await refused(
      client.send(new iam.CreatePolicyCommand({ PolicyName: 'P', PolicyDocument: POLICY })),
      'EntityAlreadyExists',
      'A policy called P already exists. Duplicate names are not allowed.',
    );
  });

  test('of AWS are said not to be here', async () => {
    await using server = await startTestServer();
    const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
    await assert.rejects(
      createClient(server).send(new iam.GetPolicyCommand({ PolicyArn })),
      (error: iam.IAMServiceException) =>
        error.name === 'NotImplemented' && error.$metadata.httpStatusCode === 501,
    );
  });
});

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

suite('IAM requests', () => {
  test('that do not fit the model are refused in its words', async () => {
    await using server = await startTestServer();
    await refused(
      createRole(createClient(server), 'not a name'),
      'ValidationError',
      "1 validation error detected: Value 'not a name' at 'roleName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+",
      400,
    );
  });

  test('for what is not built say so', async () => {
    await using server = await startTestServer();
    await assert.rejects(createClient(server).send(new iam.CreateGroupCommand({ GroupName: 'g' })), {
      name: 'NotImplemented',
    });
  });
});
