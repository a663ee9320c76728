/** The command line against a server in this process: what each command prints, and the exit codes. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';
import { after, before, suite, test } from 'node:test';
import { EXIT } from '../../src/cli/exit-codes.ts';
import { startTestServer, type TestServer } from '../../src/testing/test-server.ts';
import { articleEnvironment, millrace, skipWithoutAws, spawnMillrace } from './cli-fixture.ts';

/** A port on which nothing listens: 1 is reserved. */
const NOWHERE = 'http://127.0.0.1:1';
const ORDER = '{"orderId":"o-1","orderAmount":250}';

interface Rule {
  readonly rule: string;
  readonly matched: boolean;
}

suite('commands', () => {
  let server: TestServer;
  let env: NodeJS.ProcessEnv;
  before(async () => {
    server = await startTestServer();
    env = articleEnvironment(server.endpoint);
  });
  after(() => server.close());

  const send = async (detail: string, ...options: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await millrace(['send', detail, '--json', ...options], env);
    assert.equal(code, EXIT.ok, stderr);
    return (JSON.parse(stdout) as { eventId: string }).eventId;
  };

  test('send puts an event on a bus, says its id and how to follow it', async () => {
    const { code, stdout } = await millrace(['send', ORDER, '--source', 'app.orders'], env);
    assert.equal(code, EXIT.ok);
    assert.match(stdout, /^([\da-f-]{36})\nfollow it with: millrace trace \1\n$/);
  });

  test('send tells what the bus refuses, with the exit code of a refusal', async () => {
    const { code, stdout, stderr } = await millrace(['send', 'no JSON'], env);
    assert.deepEqual([code, stdout], [EXIT.refused, '']);
    assert.equal(stderr, 'millrace: MalformedDetail: Detail is malformed.\n');
  });

  test('trace shows the chain of an event, as a tree or as JSON', async () => {
    const id = await send(ORDER);
    const [text, json] = await Promise.all([
      millrace(['trace', id], env),
      millrace(['trace', id, '--json'], env),
    ]);
    assert.equal(text.code, EXIT.ok, text.stderr);
    assert.match(text.stdout, new RegExp(`event ${id} <- asked for`));
    const chain = JSON.parse(json.stdout) as { id: string; nodes: { id: string; kind: string }[] };
    assert.equal(chain.id, id);
    assert.ok(chain.nodes.some((node) => node.id === id && node.kind === 'event'));
  });

  test('start on a port that is taken names it and fails with a code of its own', async () => {
    const { port } = new URL(server.endpoint);
    const { code, stderr } = await millrace(['start', '--memory', '--port', port], env);
    assert.equal(code, EXIT.addressTaken, stderr);
    assert.match(stderr, new RegExp(`^millrace: port ${port} of 127\\.0\\.0\\.1 is in use: `));
  });

  test('trace of an unknown id says so and fails', async () => {
    const { code, stdout } = await millrace(['trace', 'no-such-id'], env);
    assert.equal(code, EXIT.failed);
    assert.match(stdout, /^nothing is known of no-such-id/);
  });

  test('tail --why follows a bus and says of each rule why it matched or did not', async () => {
    await putRule(server, 'Large', { detail: { orderAmount: [{ numeric: ['>', 100] }] } });
    await putRule(server, 'Small', { detail: { orderAmount: [{ numeric: ['<=', 100] }] } });
    const options = ['--bus', 'default', '--why', '--endpoint', server.endpoint];
    const text = spawnMillrace(['tail', ...options], env);
    const json = spawnMillrace(['tail', ...options, '--json'], env);
    try {
      const [said] = (await once(linesOf(text.stderr), 'line')) as [string];
      assert.equal(said, 'waiting for events; press Ctrl-C to stop');
      const shown = nextLines(text, 3);
      const parsed = nextLines(json, 1);
      // With --json it says nothing of when it has begun to follow, so that one event may be too early.
      for (let attempt = 0; attempt < SENDS_MAX && !(await isSettled(parsed)); attempt += 1)
        await send(ORDER);
      const [event = '', large, small] = await shown;
      assert.match(event, /Z {2}default {2}[\da-f-]{36} {2}\{"version":"0",.*"detail":\{"orderId":"o-1"/);
      assert.match(large ?? '', /^ {4}matched {2}Large {2}/);
      assert.match(small ?? '', /^ {4}no match {2}Small {2}.*orderAmount/);
      const { detail, rules } = JSON.parse((await parsed)[0] ?? '') as { detail: object; rules: Rule[] };
      assert.deepEqual(detail, JSON.parse(ORDER));
      const matched = Object.fromEntries(rules.map((rule) => [rule.rule, rule.matched]));
      assert.deepEqual(matched, { Large: true, Small: false });
    } finally {
      text.kill();
      json.kill();
    }
  });

  test('env prints what a shell needs, quoted', async () => {
    const odd = { ...env, AWS_SECRET_ACCESS_KEY: "it's $HOME" };
    const { code, stdout } = await millrace(['env'], odd);
    assert.equal(code, EXIT.ok);
    assert.match(stdout, new RegExp(`^export AWS_ENDPOINT_URL=${server.endpoint}$`, 'm'));
    assert.match(stdout, /^export AWS_DEFAULT_REGION=us-west-2$/m);
    assert.match(stdout, /^export AWS_SECRET_ACCESS_KEY='it'\\''s \$HOME'$/m);
    const { stdout: json } = await millrace(['env', '--json'], odd);
    assert.equal((JSON.parse(json) as Record<string, string>)['AWS_SECRET_ACCESS_KEY'], "it's $HOME");
  });

  test('doctor says what the machine and the server can do', async () => {
    const { code, stdout, stderr } = await millrace(['doctor', '--json'], env);
    assert.equal(code, EXIT.ok, stderr);
    const { findings } = JSON.parse(stdout) as { findings: { name: string; status: string; text: string }[] };
    assert.ok(findings.every(({ name, status, text }) => name && status && text));
    const data = findings.find(({ name }) => name === 'data');
    assert.deepEqual([data?.status, data?.text], ['warning', 'in memory: nothing survives the process']);
  });

  test('doctor without a server still speaks of the machine', async () => {
    const { code, stdout } = await millrace(['doctor', '--endpoint', NOWHERE], env);
    assert.equal(code, EXIT.ok);
    assert.match(stdout, /node: v\d+[^]*server: no Millrace answers at/);
  });

  test('reset removes everything', async () => {
    await putRule(server, 'Gone', { source: ['x'] });
    const { code, stdout } = await millrace(['reset', '--json'], env);
    assert.deepEqual([code, stdout], [EXIT.ok, '{"reset":true}\n']);
    const { stdout: explained } = await millrace(['trace', 'x', '--json'], env);
    assert.deepEqual((JSON.parse(explained) as { nodes: object[] }).nodes, []);
  });

  test('a refusal by a server that verifies is told as one', async () => {
    await using verifying = await startTestServer({ settings: { auth: 'verify' } });
    const reset = await millrace(['reset', '--endpoint', verifying.endpoint], env);
    assert.equal(reset.code, EXIT.refused);
    assert.match(reset.stderr, /^millrace: ResetRefused: /);
    const sent = await millrace(['send', '{}', '--endpoint', verifying.endpoint], env);
    assert.equal(sent.code, EXIT.refused);
    assert.match(sent.stderr, /^millrace: UnrecognizedClientException: /);
    for (const command of [['tail'], ['trace', 'x']]) {
      const asked = await millrace([...command, '--endpoint', verifying.endpoint], env);
      assert.equal(asked.code, EXIT.refused, command.join(' '));
      assert.match(asked.stderr, /^millrace: UnrecognizedClientException: /);
    }
  });

  test('tail shows a verified key the events of its own account alone, and send takes it', async () => {
    const root = { accessKeyId: 'AKIAROOTROOTROOTROOT', secretAccessKey: 'a-secret-of-twenty-characters' };
    await using verifying = await startTestServer({
      settings: {
        auth: 'verify',
        rootAccessKeyId: root.accessKeyId,
        rootSecretAccessKey: root.secretAccessKey,
      },
    });
    const keyed = {
      ...env,
      AWS_ACCESS_KEY_ID: root.accessKeyId,
      AWS_SECRET_ACCESS_KEY: root.secretAccessKey,
    };
    const follow = (account: string) => ['tail', '--endpoint', verifying.endpoint, '--account', account];
    const { code, stderr } = await millrace(follow('123456789012'), keyed);
    assert.equal(code, EXIT.refused);
    assert.match(stderr, /^millrace: AccessDeniedException: The key is of account 000000000000/);
    const own = spawnMillrace(follow('000000000000'), keyed);
    const [said] = (await once(linesOf(own.stderr), 'line')) as [string];
    own.kill();
    assert.equal(said, 'waiting for events; press Ctrl-C to stop');
    const sent = await millrace(['send', '{}', '--endpoint', verifying.endpoint], keyed);
    assert.equal(sent.code, 0, sent.stderr);
  });

  test('aws runs the AWS CLI against the server, SQS included', { skip: skipWithoutAws }, async () => {
    const created = await millrace(['aws', 'sqs', 'create-queue', '--queue-name', 'q'], env);
    assert.equal(created.code, EXIT.ok, created.stderr);
    const { QueueUrl: url } = JSON.parse(created.stdout) as { QueueUrl: string };
    assert.equal(url, `${server.endpoint}/123456789012/q`);
    const failed = await millrace(
      ['aws', '--region', 'us-west-2', 'sqs', 'get-queue-url', '--queue-name', 'no'],
      env,
    );
    assert.notEqual(failed.code, EXIT.ok, 'the exit code of the AWS CLI is passed on');
    assert.match(failed.stderr, /QueueDoesNotExist|NonExistentQueue/);
  });

  test('aws refuses what would lead to another place', async () => {
    for (const args of [
      ['--endpoint-url', 'https://example.com'],
      ['--endpoint', 'https://example.com'],
      ['--profile=prod'],
      ['--prof=prod'],
      ['--ca-bundle', 'x'],
    ]) {
      const { code, stderr } = await millrace(['aws', ...args, 'sqs', 'list-queues'], env);
      assert.equal(code, EXIT.usage);
      assert.match(stderr, /would lead away from Millrace/);
    }
  });
});

const SENDS_MAX = 20;

function linesOf(stream: Readable | null): Interface {
  assert.ok(stream);
  return createInterface({ input: stream });
}

async function nextLines(child: ChildProcess, count: number): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(child.stdout)) if (lines.push(line) === count) break;
  return lines;
}

function isSettled(promise: Promise<unknown>): Promise<boolean> {
  return Promise.race([promise.then(() => true), Promise.resolve(false)]);
}

/** With the keys of the commands: in the account of the article, in its region. */
async function putRule(server: TestServer, Name: string, pattern: object): Promise<void> {
  const { PutRuleCommand, EventBridgeClient } = await import('@aws-sdk/client-eventbridge');
  const config = server.clientConfig({ accessKeyId: '123456789012', region: 'us-west-2' });
  await new EventBridgeClient(config).send(
    new PutRuleCommand({ Name, EventPattern: JSON.stringify(pattern) }),
  );
}

suite('the command line', () => {
  const COMMANDS = [
    'start',
    'demo',
    'send',
    'tail',
    'trace',
    'aws',
    'env',
    'doctor',
    'region',
    'reset',
    'bench',
  ];

  test('lists its commands, and tells its version', async () => {
    const [help, version] = await Promise.all([millrace(['--help']), millrace(['--version'])]);
    assert.deepEqual([help.code, version.code], [EXIT.ok, EXIT.ok]);
    for (const name of COMMANDS) assert.match(help.stdout, new RegExp(`^  ${name}\\b`, 'm'));
    assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  });

  test('has help with examples for each command', async () => {
    const helps = await Promise.all(COMMANDS.map((name) => millrace(['help', name])));
    for (const [index, { code, stdout, stderr }] of helps.entries()) {
      assert.equal(code, EXIT.ok, stderr);
      assert.match(stdout, new RegExp(`^Usage: millrace ${COMMANDS[index]}\\b[^]*Examples:\n  \\$ `));
    }
  });

  test('takes an unknown command or option, a missing argument and a bad value for a mistake of usage', async () => {
    const mistakes = [
      ['nothing'],
      ['send'],
      ['send', '{}', '--nothing'],
      ['trace'],
      ['start', '--port', 'x'],
      ['demo', '--orders', '-1'],
      [],
    ];
    const ends = await Promise.all(mistakes.map((args) => millrace(args)));
    for (const [index, { code, stdout, stderr }] of ends.entries()) {
      assert.deepEqual([code, stdout], [EXIT.usage, ''], mistakes[index]?.join(' '));
      assert.notEqual(stderr, '');
    }
  });

  test('says that no server answers, and how to start one', async () => {
    const commands = [['send', '{}'], ['trace', 'x'], ['tail'], ['reset'], ['demo']];
    const ends = await Promise.all(
      commands.map((args) => millrace([...args, '--endpoint', NOWHERE, '--json'])),
    );
    for (const [index, { code, stdout, stderr }] of ends.entries()) {
      assert.deepEqual([code, stdout], [EXIT.unreachable, ''], commands[index]?.join(' '));
      assert.equal(stderr, `millrace: no Millrace answers at ${NOWHERE}; start one with: millrace start\n`);
    }
  });
});
