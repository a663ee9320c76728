/** Several regions as a user starts them: one command, a process each, and what becomes of them when one is killed. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { suite, test } from 'node:test';
import { CreateQueueCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { articleEnvironment, millrace, spawnMillrace, temporaryDirectory } from './cli-fixture.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface RegionEntry {
  readonly status: string;
  readonly pid: number;
  readonly endpoint: string;
}

type Regions = Readonly<Record<string, RegionEntry>>;

class Installation implements AsyncDisposable {
  readonly #data = temporaryDirectory();
  readonly #children: ChildProcess[] = [];
  readonly dataDir = this.#data.path;
  regions: Regions = {};

  get child(): ChildProcess {
    const child = this.#children.at(-1);
    assert.ok(child !== undefined);
    return child;
  }

  async start(port = '0'): Promise<this> {
    const names = ['us-east-1', 'us-west-2'].flatMap((name) => ['--region', name]);
    const args = [
      'start',
      '--json',
      '--log-level',
      'error',
      '--port',
      port,
      '--data-dir',
      this.dataDir,
      ...names,
    ];
    const child = spawnMillrace(args, articleEnvironment('http://127.0.0.1:1'));
    this.#children.push(child);
    child.stderr?.resume();
    assert.ok(child.stdout !== null);
    for await (const line of createInterface({ input: child.stdout })) {
      this.regions = (JSON.parse(line) as { regions: Regions }).regions;
      return this;
    }
    throw new Error('the regions did not start');
  }

  region(name: string): RegionEntry {
    const region = this.regions[name];
    assert.ok(region !== undefined);
    return region;
  }

  /** What the region in the east says of another. */
  async look(name = 'us-west-2'): Promise<RegionEntry | undefined> {
    const answer = await fetch(`${this.region('us-east-1').endpoint}/_millrace/health`);
    return ((await answer.json()) as { regions: Regions }).regions[name];
  }

  async until(isSo: (west: RegionEntry) => boolean): Promise<RegionEntry> {
    for (;;) {
      const west = await this.look();
      if (west !== undefined && isSo(west)) return west;
    }
  }

  /** The command line of an operator on this machine. */
  command(...args: string[]) {
    return millrace(['region', ...args, '--data-dir', this.dataDir]);
  }

  sqs(region: string, at = 'us-east-1'): SQSClient {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    return new SQSClient({ endpoint: this.region(at).endpoint, region, credentials, maxAttempts: 1 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
    this.#data[Symbol.dispose]();
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

suite('several regions', () => {
  test('are started by one command, answer for each other, and stop with it', async () => {
    await using installation = await new Installation().start();
    const { regions, child } = installation;
    assert.deepEqual(
      Object.entries(regions).map(([name, { status }]) => [name, status]),
      [
        ['us-east-1', 'running'],
        ['us-west-2', 'running'],
      ],
    );
    const west = installation.sqs('us-west-2');
    await west.send(new CreateQueueCommand({ QueueName: 'q' }));
    const direct = installation.sqs('us-west-2', 'us-west-2');
    assert.equal((await direct.send(new ListQueuesCommand({}))).QueueUrls?.length, 1);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
    for (const { pid } of Object.values(regions)) assert.ok(!isAlive(pid));
    assert.ok(!existsSync(join(installation.dataDir, 'supervisor.json')));
  });

  test('go on when one of them is killed, which is started again with what it had', async () => {
    await using installation = await new Installation().start();
    await installation.sqs('us-west-2').send(new CreateQueueCommand({ QueueName: 'kept' }));
    const { pid } = installation.region('us-west-2');
    process.kill(pid, 'SIGKILL');
    const west = await installation.until((seen) => seen.status === 'running' && seen.pid !== pid);
    assert.ok(isAlive(west.pid));
    const { QueueUrls } = await installation.sqs('us-west-2').send(new ListQueuesCommand({}));
    assert.equal(QueueUrls?.length, 1);
  });

  test('answer for one that hangs as for one that is gone, and go on when it does', async () => {
    await using installation = await new Installation().start();
    const sqs = installation.sqs('us-west-2');
    const { pid } = installation.region('us-west-2');
    process.kill(pid, 'SIGSTOP');
    try {
      // It is not known yet: the request waits there, and is ended when it is.
      await assert.rejects(sqs.send(new ListQueuesCommand({})), { name: 'ServiceUnavailable' });
      assert.equal((await installation.look())?.status, 'down');
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await installation.until((west) => west.status === 'running');
    await sqs.send(new ListQueuesCommand({}));
  });

  test('can be failed and restored by their operator', async () => {
    await using installation = await new Installation().start();
    const { pid } = installation.region('us-west-2');
    const failed = await installation.command('fail', 'us-west-2', '--json');
    assert.deepEqual([failed.code, failed.stdout], [0, '{"region":"us-west-2","status":"held"}\n']);
    assert.ok(!isAlive(pid));
    assert.equal((await installation.until((west) => west.status === 'held')).pid, undefined);
    const refusal = installation.sqs('us-west-2').send(new ListQueuesCommand({}));
    await assert.rejects(refusal, { name: 'ServiceUnavailable' });
    await installation.sqs('us-east-1').send(new ListQueuesCommand({}));
    const status = await installation.command('status');
    assert.equal(status.code, 1);
    assert.match(status.stdout, /^us-east-1 +running +home +\d+ /m);
    assert.match(status.stdout, /^us-west-2 +held +- /m);
    const restored = await installation.command('restore', 'us-west-2');
    assert.equal(restored.code, 0);
    await installation.until((west) => west.status === 'running');
    // Also over any region, for those who have no file of the supervisor.
    const at = ['--endpoint', installation.region('us-east-1').endpoint];
    assert.equal((await millrace(['region', 'fail', 'us-west-2', ...at])).code, 0);
    assert.equal((await millrace(['region', 'restore', 'us-west-2', ...at])).code, 0);
    assert.equal((await millrace(['region', 'fail', 'eu-west-1', ...at])).code, 4);
    const unknown = await installation.command('fail', 'eu-west-1');
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /there is no region eu-west-1 here; there are us-east-1, us-west-2/);
  });

  test('leave nothing behind when all is killed, and start again on the same ports', async () => {
    await using installation = await new Installation().start();
    const { regions, child } = installation;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    // The channel closes with the process: what hangs on it ends without being asked.
    while (Object.values(regions).some(({ pid }) => isAlive(pid))) await nextTurn();
    await installation.start(new URL(installation.region('us-east-1').endpoint).port);
    assert.equal(new Set(Object.values(installation.regions).map(({ status }) => status)).size, 1);
  });

  test('say who holds the lease, and who follows', async () => {
    await using installation = await new Installation().start();
    for (;;) {
      const { stdout } = await installation.command('status');
      if (!/^us-west-2 .*follows us-east-1/m.test(stdout)) continue;
      assert.match(stdout, /^us-east-1 .*held, epoch 1 +async/m);
      return;
    }
  });

  test('can have another home', async () => {
    await using installation = await new Installation().start();
    const promoted = await installation.command('promote', 'us-west-2');
    assert.deepEqual([promoted.code, promoted.stdout], [0, 'us-west-2 is home\n']);
    assert.match((await installation.command('status')).stdout, /^us-west-2 +running +home /m);
    await installation.command('fail', 'us-west-2');
    const refused = await installation.command('promote', 'us-east-1');
    assert.equal(refused.code, 4);
    assert.match(refused.stderr, /us-west-2 is home and does not answer/);
    assert.equal((await installation.command('promote', 'us-east-1', '--force')).code, 0);
  });
});
