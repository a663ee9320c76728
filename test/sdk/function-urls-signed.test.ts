/** Function URLs of type AWS_IAM, and what of function URLs takes a server of its own kind: restarts, Python. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { suite, test } from 'node:test';
import { CreateFunctionCommand, CreateFunctionUrlConfigCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { clientSigner, type SigningKey } from '../../src/testing/sign-fixture.ts';
import { startTestServer, type TestServer } from '../../src/testing/test-server.ts';
import { ROLE, zip } from './lambda-fixture.ts';

const ROOT = { accessKeyId: 'AKIAROOTROOTROOTROOT', secretAccessKey: 'a-secret-of-twenty-characters' };

const CONTEXT = 'exports.handler = async ({ requestContext }) => requestContext;';

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body: string;
}

const REQUEST: Sent = { method: 'POST', path: '/a/b', query: { x: '1' }, body: '{"a":1}' };

function hasPython(): boolean {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The function `f` and the host of its URL. */
async function publish(
  server: TestServer,
  own: {
    readonly key?: SigningKey;
    readonly authType?: 'NONE' | 'AWS_IAM';
    readonly files?: Readonly<Record<string, string>>;
    readonly runtime?: 'nodejs24.x' | 'python3.12';
  } = {},
): Promise<string> {
  const { key, authType = 'AWS_IAM', files = { 'index.js': CONTEXT }, runtime = 'nodejs24.x' } = own;
  const config = server.clientConfig();
  const lambda = new LambdaClient({ ...config, credentials: key ?? config.credentials });
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'f',
      Runtime: runtime,
      Handler: 'index.handler',
      Role: ROLE,
      Code: { ZipFile: await zip(files) },
      Timeout: 20,
    }),
  );
  const created = await lambda.send(
    new CreateFunctionUrlConfigCommand({ FunctionName: 'f', AuthType: authType }),
  );
  lambda.destroy();
  return new URL(created.FunctionUrl ?? '').host;
}

async function send(
  port: number,
  { method, path, query = {}, body }: Sent,
  headers: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly text: string }> {
  const search = new URLSearchParams(query).toString();
  const request = httpRequest({
    host: '127.0.0.1',
    port,
    method,
    path: search === '' ? path : `${path}?${search}`,
    headers,
    agent: false,
  });
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  request.on('error', reject);
  request.on('response', (response) => {
    text(response).then((all) => resolve({ status: response.statusCode ?? 0, text: all }), reject);
  });
  request.end(body);
  return promise;
}

async function sign(
  key: SigningKey,
  host: string,
  { service = 'lambda', region = 'us-east-1', sent = REQUEST } = {},
): Promise<Record<string, string>> {
  const [hostname = ''] = host.split(':');
  const signed = await clientSigner(key, { service, region }).sign({
    ...sent,
    query: { ...sent.query },
    protocol: 'http:',
    hostname,
    headers: { host, 'content-type': 'application/json' },
  });
  return signed.headers;
}

suite('a function URL of type AWS_IAM', () => {
  test('refuses who does not sign, in open mode too, and believes any key there', async () => {
    await using server = await startTestServer();
    const host = await publish(server);
    for (const headers of [{ host }, { host, authorization: 'Bearer x' }]) {
      const unsigned = await send(server.port, REQUEST, headers);
      assert.deepEqual([unsigned.status, unsigned.text], [403, '{"Message":"Forbidden"}']);
    }
    const key = { accessKeyId: '111122223333', secretAccessKey: 'whatever' };
    const signed = await send(server.port, REQUEST, await sign(key, host));
    assert.equal(signed.status, 200);
    const context = JSON.parse(signed.text) as { accountId: string; authorizer: unknown };
    assert.equal(context.accountId, '111122223333');
    assert.deepEqual(context.authorizer, {
      iam: {
        accessKey: '111122223333',
        accountId: '111122223333',
        callerId: '111122223333',
        cognitoIdentity: null,
        principalOrgId: null,
        userArn: 'arn:aws:iam::111122223333:root',
        userId: '111122223333',
      },
    });
  });

  test('refuses a signature for another service or region', async () => {
    await using server = await startTestServer();
    const host = await publish(server);
    const key = { accessKeyId: 'test', secretAccessKey: 'test' };
    for (const scope of [{ service: 'execute-api' }, { region: 'eu-west-1' }]) {
      const answer = await send(server.port, REQUEST, await sign(key, host, scope));
      assert.equal(answer.status, 403);
      assert.match(answer.text, /^\{"Message":"Credential should be scoped to /);
    }
  });

  test('verifies the signature of a known key, by host and by path', async () => {
    await using server = await startTestServer({
      settings: {
        auth: 'verify',
        rootAccessKeyId: ROOT.accessKeyId,
        rootSecretAccessKey: ROOT.secretAccessKey,
      },
    });
    const host = await publish(server, { key: ROOT });
    const iam = new IAMClient({ ...server.clientConfig(), credentials: ROOT });
    await iam.send(new CreateUserCommand({ UserName: 'caller' }));
    const { AccessKey: made } = await iam.send(new CreateAccessKeyCommand({ UserName: 'caller' }));
    iam.destroy();
    const key = { accessKeyId: made?.AccessKeyId ?? '', secretAccessKey: made?.SecretAccessKey ?? '' };
    const right = await send(server.port, REQUEST, await sign(key, host));
    assert.equal(right.status, 200);
    const context = JSON.parse(right.text) as { authorizer: { iam: Record<string, string> } };
    assert.equal(context.authorizer.iam['userArn'], 'arn:aws:iam::000000000000:user/caller');
    assert.match(context.authorizer.iam['userId'] ?? '', /^AIDA/);
    const path = `/_millrace/function-url/${host.split('.')[0]}${REQUEST.path}`;
    const own = `127.0.0.1:${server.port}`;
    const sent = { ...REQUEST, path };
    assert.equal((await send(server.port, sent, await sign(key, own, { sent }))).status, 200);

    const signed = await sign(key, host);
    const changed = await send(server.port, { ...REQUEST, body: '{"a":2}' }, signed);
    assert.equal(changed.status, 403);
    assert.match(changed.text, /signature we calculated does not match/);
    const elsewhere = await send(server.port, { ...REQUEST, path: '/a/c' }, signed);
    assert.equal(elsewhere.status, 403);
    const stranger = { accessKeyId: 'AKIASTRANGERSTRANGER', secretAccessKey: 'x' };
    const unknown = await send(server.port, REQUEST, await sign(stranger, host));
    assert.equal(unknown.status, 403);
    assert.match(unknown.text, /security token included in the request is invalid/);
    assert.equal((await send(server.port, REQUEST, { host })).text, '{"Message":"Forbidden"}');
  });
});

test('a function URL of type NONE needs no key where the API verifies them', async () => {
  await using server = await startTestServer({
    settings: {
      auth: 'verify',
      rootAccessKeyId: ROOT.accessKeyId,
      rootSecretAccessKey: ROOT.secretAccessKey,
    },
  });
  const host = await publish(server, { key: ROOT, authType: 'NONE' });
  const answer = await send(server.port, REQUEST, { host });
  assert.equal(answer.status, 200);
  assert.equal((JSON.parse(answer.text) as { accountId: string }).accountId, 'anonymous');
});

test('a function URL is there again after a restart', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-url-'));
  const settings = { memory: false, dataDir };
  try {
    let host = '';
    {
      await using server = await startTestServer({ settings });
      host = await publish(server, { authType: 'NONE' });
    }
    await using server = await startTestServer({ settings });
    assert.equal((await send(server.port, REQUEST, { host })).status, 200);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test(
  'a function URL reaches a function in Python',
  { skip: !hasPython() && 'there is no python3' },
  async () => {
    await using server = await startTestServer();
    const source = [
      'def handler(event, context):',
      '    order = event["rawPath"].rsplit("/", 1)[-1]',
      '    return {"statusCode": 202, "headers": {"X-Order": order}, "body": event["body"]}',
    ];
    const host = await publish(server, {
      authType: 'NONE',
      runtime: 'python3.12',
      files: { 'index.py': source.join('\n') },
    });
    const answer = await send(server.port, REQUEST, { host, 'content-type': 'application/json' });
    assert.deepEqual(answer, { status: 202, text: REQUEST.body });
  },
);
