/** What is published: packed, installed elsewhere as a user would, and started. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, suite, test } from 'node:test';

const ROOT = dirname(import.meta.dirname);

function hasNpm(): boolean {
  try {
    execFileSync('npm', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    // Not installed.
    return false;
  }
}

const skip = hasNpm() ? false : 'npm is not installed here';

suite('the published package', { skip }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-package-'));
  const installed = join(directory, 'node_modules', 'millrace');
  const program = join(installed, 'bin', 'millrace.js');

  before(() => {
    const pack = ['pack', '--silent', '--pack-destination', directory];
    execFileSync('npm', pack, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
    const tarball = readdirSync(directory).find((name) => name.endsWith('.tgz')) ?? '';
    writeFileSync(join(directory, 'package.json'), '{"private":true}');
    const install = [
      'install',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      '--silent',
      join(directory, tarball),
    ];
    execFileSync('npm', install, { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] });
  });

  after(() => rmSync(directory, { recursive: true, force: true }));

  test('tells its version', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    const output = execFileSync(process.execPath, [program, '--version'], { encoding: 'utf8' });
    assert.equal(output.trim(), version);
  });

  test('starts a region that is healthy, and stops when it is told to', async () => {
    const args = [program, 'start', '--memory', '--port', '0', '--json', '--log-level', 'silent'];
    const child = spawn(process.execPath, args, { cwd: directory, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    try {
      const response = await fetch(`${await endpointOf(child)}/_millrace/health`);
      assert.equal(response.status, 200);
    } finally {
      child.kill('SIGTERM');
    }
    const [code] = (await ended) as [number | null];
    assert.equal(code, 0);
  });

  test('holds what its exports name, its licence, and nothing of the tests', () => {
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
      exports: Record<string, string | Record<string, string>>;
    };
    const paths = Object.values(manifest.exports).flatMap((entry) =>
      typeof entry === 'string' ? entry : Object.values(entry),
    );
    const missing = paths.filter((path) => !existsSync(join(installed, path)));
    assert.deepEqual(missing, []);
    assert.ok(existsSync(join(installed, 'LICENSE')));
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    assert.deepEqual(
      files.filter((name) => /\.test\.|(?<!\.d)\.ts$/.test(name)),
      [],
    );
  });
});

/** The endpoint in the JSON line that `start --json` prints first. */
async function endpointOf(child: ChildProcess): Promise<string> {
  assert.ok(child.stdout);
  for await (const line of createInterface({ input: child.stdout })) {
    return (JSON.parse(line) as { endpoint: string }).endpoint;
  }
  throw new Error('the program ended before it printed where it listens');
}
