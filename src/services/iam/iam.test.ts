import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as iam from '@aws-sdk/client-iam';
import { ACCOUNT, createClient, createRole, POLICY, refused, TRUST } from '../../testing/iam-fixture.ts';
import { startTestServer } from '../../testing/test-server.ts';

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

suite('IAM permissions boundaries', () => {
  test('bound roles and users until they are taken away, and hold the policy meanwhile', async () => {
    await using server = await startTestServer();
    const client = createClient(server);
    const created = await client.send(
      new iam.CreatePolicyCommand({ PolicyName: 'b', PolicyDocument: POLICY }),
    );
    const PermissionsBoundary = created.Policy?.Arn ?? '';
    await createRole(client, 'worker');
    await client.send(new iam.CreateUserCommand({ UserName: 'ada', PermissionsBoundary }));
    await client.send(new iam.PutRolePermissionsBoundaryCommand({ RoleName: 'worker', PermissionsBoundary }));
    const { Role: role } = await client.send(new iam.GetRoleCommand({ RoleName: 'worker' }));
    assert.equal(role?.PermissionsBoundary?.PermissionsBoundaryArn, PermissionsBoundary);
    const { Policy: policy } = await client.send(
      new iam.GetPolicyCommand({ PolicyArn: PermissionsBoundary }),
    );
    assert.equal(policy?.PermissionsBoundaryUsageCount, 2);
    await client.send(new iam.DeleteRolePermissionsBoundaryCommand({ RoleName: 'worker' }));
    await refused(
      client.send(new iam.DeletePolicyCommand({ PolicyArn: PermissionsBoundary })),
      'DeleteConflict',
      'Cannot delete a policy attached to entities.',
    );
    await client.send(new iam.DeleteUserPermissionsBoundaryCommand({ UserName: 'ada' }));
    await client.send(new iam.DeletePolicyCommand({ PolicyArn: PermissionsBoundary }));
    await refused(
      client.send(new iam.DeleteRolePermissionsBoundaryCommand({ RoleName: 'worker' })),
      'NoSuchEntity',
      'The role with name worker has no permissions boundary.',
    );
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
