import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { CreateAccessKeyCommand, CreateRoleCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import * as sts from '@aws-sdk/client-sts';
import { SimClock } from '../../testing/sim-clock.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

const ACCOUNT = '123456789012';
const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/team/worker`;
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }],
});

function createClient(server: TestServer, credentials?: sts.Credentials): sts.STSClient {
  const config = { ...server.clientConfig({ accessKeyId: ACCOUNT }), maxAttempts: 1 };
  if (credentials === undefined) return new sts.STSClient(config);
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken } = credentials;
  const own = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey };
  return new sts.STSClient({
    ...config,
    credentials: SessionToken === undefined ? own : { ...own, sessionToken: SessionToken },
  });
}

const assume = (client: sts.STSClient, input: Partial<sts.AssumeRoleCommandInput> = {}) =>
  client.send(new sts.AssumeRoleCommand({ RoleArn: ROLE_ARN, RoleSessionName: 'one', ...input }));

const identity = (client: sts.STSClient) => client.send(new sts.GetCallerIdentityCommand({}));

async function createUserKey(server: TestServer): Promise<sts.Credentials> {
  const client = new IAMClient(server.clientConfig({ accessKeyId: ACCOUNT }));
  await client.send(new CreateUserCommand({ UserName: 'ada' }));
  const { AccessKey: key } = await client.send(new CreateAccessKeyCommand({ UserName: 'ada' }));
  const { AccessKeyId, SecretAccessKey } = key ?? {};
  return { AccessKeyId, SecretAccessKey, SessionToken: undefined, Expiration: undefined };
}

async function createWorker(server: TestServer): Promise<string> {
  const client = new IAMClient(server.clientConfig({ accessKeyId: ACCOUNT }));
  const { Role: role } = await client.send(
    new CreateRoleCommand({ RoleName: 'worker', Path: '/team/', AssumeRolePolicyDocument: TRUST }),
  );
  return role?.RoleId ?? '';
}

suite('the caller', () => {
  test('is the root of the account of a key that nobody made', async () => {
    await using server = await startTestServer();
    const { Account, Arn, UserId } = await identity(createClient(server));
    assert.deepEqual([Account, Arn, UserId], [ACCOUNT, `arn:aws:iam::${ACCOUNT}:root`, ACCOUNT]);
    const unnamed = await identity(new sts.STSClient(server.clientConfig()));
    assert.equal(unnamed.Arn, 'arn:aws:iam::000000000000:root');
  });

  test('is the user whose key signed', async () => {
    await using server = await startTestServer();
    const { Arn, Account } = await identity(createClient(server, await createUserKey(server)));
    assert.deepEqual([Account, Arn], [ACCOUNT, `arn:aws:iam::${ACCOUNT}:user/ada`]);
  });
});

suite('AssumeRole', () => {
  test('gives credentials that act as the role, and its id where it is registered', async () => {
    await using server = await startTestServer();
    const roleId = await createWorker(server);
    const { AssumedRoleUser: user, Credentials: credentials } = await assume(createClient(server));
    const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/worker/one`;
    assert.deepEqual(user, { AssumedRoleId: `${roleId}:one`, Arn: arn });
    assert.match(credentials?.AccessKeyId ?? '', /^ASIA/);
    const { Arn, UserId } = await identity(createClient(server, credentials));
    assert.deepEqual([Arn, UserId], [arn, `${roleId}:one`]);
  });

  test('works for a role that is not registered where every signature is believed', async () => {
    await using server = await startTestServer();
    const client = createClient(server);
    const [first, second] = await Promise.all([assume(client), assume(client)]);
    assert.match(first.AssumedRoleUser?.AssumedRoleId ?? '', /^AROA[A-Z2-7]{17}:one$/);
    assert.equal(first.AssumedRoleUser?.AssumedRoleId, second.AssumedRoleUser?.AssumedRoleId);
    assert.notEqual(first.Credentials?.AccessKeyId, second.Credentials?.AccessKeyId);
  });

  test('refuses a role that is not registered where keys have to be known', async (t) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'millrace-'));
    t.after(() => rmSync(dataDir, { recursive: true }));
    let key: sts.Credentials;
    {
      await using server = await startTestServer({ settings: { memory: false, dataDir } });
      key = await createUserKey(server);
      await createWorker(server);
    }
    await using server = await startTestServer({ settings: { memory: false, dataDir, auth: 'verify' } });
    const client = createClient(server, key);
    await assert.rejects(assume(client, { RoleArn: `${ROLE_ARN}s` }), {
      name: 'AccessDenied',
      message: `User: arn:aws:iam::${ACCOUNT}:user/ada is not authorized to perform: sts:AssumeRole on resource: ${ROLE_ARN}s`,
    });
    const { AssumedRoleUser: user } = await assume(client);
    assert.equal(user?.Arn, `arn:aws:sts::${ACCOUNT}:assumed-role/worker/one`);
    await assert.rejects(identity(createClient(server)), { name: 'InvalidClientTokenId' });
  });

  test('needs the token with the key, and ends when it is over', async () => {
    const clock = new SimClock(Date.now());
    await using server = await startTestServer({ clock });
    const { Credentials: credentials } = await assume(createClient(server), { DurationSeconds: 900 });
    assert.equal(credentials?.Expiration?.getTime(), Math.floor((clock.now() + 900_000) / 1000) * 1000);
    const withoutToken = { ...credentials, SessionToken: undefined } as sts.Credentials;
    await assert.rejects(identity(createClient(server, withoutToken)), { name: 'InvalidClientTokenId' });
    await clock.advance(901_000);
    const late = createClient(server, credentials);
    // The client signs by the time of the machine, which has stood still.
    late.config.systemClockOffset = 901_000;
    await assert.rejects(identity(late), { name: /^ExpiredToken/ });
  });

  test('refuses what is no ARN of a role, and sessions longer than the role allows', async () => {
    await using server = await startTestServer();
    await createWorker(server);
    const client = createClient(server);
    for (const RoleArn of [
      `arn:aws:iam::${ACCOUNT}:user/worker`,
      'arn:aws:iam::12:role/worker-of-no-account',
    ]) {
      await assert.rejects(assume(client, { RoleArn }), {
        name: 'ValidationError',
        message: `${RoleArn} is invalid`,
      });
    }
    await assert.rejects(assume(client, { DurationSeconds: 3601 }), {
      name: 'ValidationError',
      message: 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    });
    const { Credentials: credentials } = await assume(client);
    await assert.rejects(
      assume(createClient(server, credentials), {
        RoleArn: `arn:aws:iam::${ACCOUNT}:role/other`,
        DurationSeconds: 3601,
      }),
      { message: /1 hour session limit for roles assumed by role chaining/ },
    );
  });

  test('takes a session policy that is JSON, and tells how much room it took', async () => {
    await using server = await startTestServer();
    const client = createClient(server);
    const { PackedPolicySize } = await assume(client, { Policy: JSON.stringify({ a: 'x'.repeat(1016) }) });
    assert.equal(PackedPolicySize, 50);
    await assert.rejects(assume(client, { Policy: '{' }), sts.MalformedPolicyDocumentException);
    await assert.rejects(assume(client, { Policy: ' '.repeat(2049) }), sts.PackedPolicyTooLargeException);
  });

  test('with a code of a second factor is not built, and says so', async () => {
    await using server = await startTestServer();
    await assert.rejects(assume(createClient(server), { SerialNumber: 'device-123', TokenCode: '123456' }), {
      name: 'NotImplemented',
    });
  });
});

suite('GetSessionToken', () => {
  test('gives a user temporary credentials of its own, which give no others', async () => {
    await using server = await startTestServer();
    const client = createClient(server, await createUserKey(server));
    const { Credentials: credentials } = await client.send(new sts.GetSessionTokenCommand({}));
    const own = createClient(server, credentials);
    assert.equal((await identity(own)).Arn, `arn:aws:iam::${ACCOUNT}:user/ada`);
    await assert.rejects(own.send(new sts.GetSessionTokenCommand({})), {
      name: 'AccessDenied',
      message: 'Cannot call GetSessionToken with session credentials',
    });
  });

  test('gives the root an hour at the most', async () => {
    const clock = new SimClock(Date.now());
    await using server = await startTestServer({ clock });
    const { Credentials: credentials } = await createClient(server).send(
      new sts.GetSessionTokenCommand({ DurationSeconds: 7200 }),
    );
    assert.equal(credentials?.Expiration?.getTime(), Math.floor(clock.now() / 1000) * 1000 + 3_600_000);
  });
});

test('GetAccessKeyInfo reads the account from the id', async () => {
  await using server = await startTestServer();
  const client = createClient(server);
  const { AccessKeyId = '' } = await createUserKey(server);
  const { Account } = await client.send(new sts.GetAccessKeyInfoCommand({ AccessKeyId }));
  assert.equal(Account, ACCOUNT);
  await assert.rejects(
    client.send(new sts.GetAccessKeyInfoCommand({ AccessKeyId: 'AKIAIOSFODNN7EXAMPLE' })),
    {
      name: 'ValidationError',
    },
  );
});
