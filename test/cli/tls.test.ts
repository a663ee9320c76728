/** `millrace env --tls`, and the tools of others that do as it says. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { startTestServer, type TestServer } from '../../src/testing/test-server.ts';
import {
  articleEnvironment,
  type Ended,
  millrace,
  missingTool,
  run,
  skipWithoutAws,
  temporaryDirectory,
} from './cli-fixture.ts';

/** What `QueueUrl` says of the scheme that was used. */
const CREATE_QUEUE = `
import boto3
print(boto3.client('sqs').create_queue(QueueName='from-python')['QueueUrl'])
`;

suite('env --tls', () => {
  const directory = temporaryDirectory();
  const caPath = join(directory.path, 'tls', 'ca.pem');
  let server: TestServer;
  let env: NodeJS.ProcessEnv;
  /** What `env --tls` says, as the environment of another program. */
  let secured: NodeJS.ProcessEnv;

  before(async () => {
    server = await startTestServer({ settings: { memory: false, dataDir: directory.path } });
    await fetch(`${server.endpoint}/_millrace/ca.pem`);
    env = { ...articleEnvironment(server.endpoint), MILLRACE_DATA_DIR: directory.path };
    const { stdout } = await millrace(['env', '--tls', '--json'], env);
    secured = { ...env, ...(JSON.parse(stdout) as NodeJS.ProcessEnv) };
  });
  after(async () => {
    await server.close();
    directory[Symbol.dispose]();
  });

  test('names the endpoint and whom to trust, and says what else could be set', async () => {
    const { stdout } = await millrace(['env', '--tls'], env);
    const lines = stdout.trimEnd().split('\n');
    assert.ok(lines.includes(`export AWS_ENDPOINT_URL=https://127.0.0.1:${server.port}`), stdout);
    assert.ok(lines.includes(`export AWS_CA_BUNDLE=${caPath}`), stdout);
    assert.ok(lines.includes(`export NODE_EXTRA_CA_CERTS=${caPath}`), stdout);
    assert.ok(lines.at(-1)?.startsWith('# ') && lines.at(-1)?.endsWith(`SSL_CERT_FILE=${caPath}`), stdout);
  });

  test('says nothing of whom to trust unless it is asked', async () => {
    const { stdout } = await millrace(['env'], env);
    assert.doesNotMatch(stdout, /https|CA/);
  });

  test('takes a file that was saved elsewhere, and says where to get one that is not there', async () => {
    const elsewhere = join(directory.path, 'saved.pem');
    const missing = await millrace(['env', '--tls', '--ca-file', elsewhere], env);
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /saved\.pem is not there: .*\/_millrace\/ca\.pem/);
    writeFileSync(elsewhere, '');
    const { stdout } = await millrace(['env', '--tls', '--ca-file', elsewhere], env);
    assert.ok(stdout.includes(`export AWS_CA_BUNDLE=${elsewhere}\n`), stdout);
  });

  test('is what our own commands need as well', async () => {
    const own = { ...secured, MILLRACE_ENDPOINT: secured['AWS_ENDPOINT_URL'] };
    const { code, stdout } = await millrace(['doctor', '--json'], own);
    assert.equal(code, 0);
    assert.match(stdout, /"name":"tls","status":"ok"/);
    const { stderr } = await millrace(['send', '{}', '--json'], { ...own, NODE_EXTRA_CA_CERTS: '' });
    assert.match(stderr, /the certificate of https:.* is not trusted here; millrace env --tls/);
  });

  const skipBoto3 = missingTool('python3', '-c', 'import boto3');
  test('is what boto3 needs', { skip: skipBoto3 }, async () => {
    const create = (environment: NodeJS.ProcessEnv): Promise<Ended> => {
      return run('python3', ['-c', CREATE_QUEUE], { env: environment });
    };
    const { stdout, stderr } = await create(secured);
    assert.equal(stdout.trim(), `https://127.0.0.1:${server.port}/123456789012/from-python`, stderr);
    const { AWS_CA_BUNDLE: _, ...told } = secured;
    const untold = { ...told, AWS_MAX_ATTEMPTS: '1' };
    assert.match((await create(untold)).stderr, /CERTIFICATE_VERIFY_FAILED/);
  });

  test('is what the AWS CLI needs, also through millrace aws', { skip: skipWithoutAws }, async () => {
    const direct = await run('aws', ['dynamodb', 'list-tables', '--output', 'json'], { env: secured });
    assert.deepEqual(JSON.parse(direct.stdout), { TableNames: [] }, direct.stderr);
    const own = { ...secured, MILLRACE_ENDPOINT: secured['AWS_ENDPOINT_URL'] };
    const wrapped = await millrace(['aws', 'dynamodb', 'list-tables', '--output', 'json'], own);
    assert.deepEqual(JSON.parse(wrapped.stdout), { TableNames: [] }, wrapped.stderr);
  });
});
