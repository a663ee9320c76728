/** `npm start` and its kin, below npm: what is passed through, and what ends with what. */
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { suite, test } from 'node:test';

const BOOTSTRAP = join(dirname(import.meta.dirname), 'scripts', 'bootstrap.js');

interface Started {
  readonly child: ChildProcessByStdio<null, Readable, null>;
  readonly endpoint: string;
}

/** Resolves when the server has said where it listens. */
async function startServer(): Promise<Started> {
  const args = [BOOTSTRAP, 'start', '--memory', '--port', '0', '--json', '--log-level', 'silent'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const { endpoint } = JSON.parse(line) as { endpoint: string };
    return { child, endpoint };
  }
  throw new Error('it ended before it said where it listens');
}

suite('npm start', () => {
  test('passes its arguments and its signals on, and ends with the exit code of the server', async () => {
    const { child, endpoint } = await startServer();
    const { status } = await fetch(`${endpoint}/_millrace/health`);
    assert.equal(status, 200);
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number | null];
    assert.equal(code, 0);
  });

  test('leaves no server behind when it is killed', async () => {
    const { child, endpoint } = await startServer();
    const closed = once(child.stdout, 'close');
    child.stdout.resume();
    child.kill('SIGKILL');
    // Both hold the other end of this pipe, so it closes with the last of them.
    await closed;
    await assert.rejects(fetch(`${endpoint}/_millrace/health`), /fetch failed/);
  });

  test('ends with 2 for a setting that does not fit', () => {
    const { status, stderr } = spawnSync(process.execPath, [BOOTSTRAP, 'start', '--port', 'x'], {
      encoding: 'utf8',
    });
    assert.equal(status, 2);
    assert.match(stderr, /invalid setting: port/);
  });
});

test('a command that does not exist is answered with those that do', () => {
  const { status, stderr } = spawnSync(process.execPath, [BOOTSTRAP, 'stop'], { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /usage: .*start\|demo\|bench\|test/);
});
