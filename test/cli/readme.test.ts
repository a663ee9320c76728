/** The README as a new user takes it: its session in one shell, and every command and script that is named. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import {
  articleEnvironment,
  fencedBlocks,
  millrace,
  missingTool,
  retryUntil,
  ROOT,
  run,
  skipWithoutAws,
  startPlatform,
  temporaryDirectory,
} from './cli-fixture.ts';

const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');
const PAGES = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'examples/article/README.md'];

const skip = skipWithoutAws || missingTool('python3', '-c', 'import boto3');

test('the session of the README works as it is typed', { skip }, async () => {
  await using platform = await startPlatform();
  using directory = temporaryDirectory();
  const typed = (text: string): string =>
    text
      .replaceAll('http://127.0.0.1:4566', platform.endpoint)
      .replaceAll('/tmp/millrace-session', directory.path);
  const blocks = fencedBlocks(read('README.md'), 'sh session').map(({ text }) => typed(text));
  assert.ok(blocks.length >= 5);
  // A new user's shell: nothing of the session is in its environment yet.
  const { AWS_ACCESS_KEY_ID: _, AWS_DEFAULT_REGION: __, ...env } = articleEnvironment(platform.endpoint);
  const session = await run('bash', ['-e', '-c', blocks.join('\n')], { env });
  assert.deepEqual([session.code, session.stderr], [0, '']);
  // How long a function takes to start is the machine's affair: where the session was too fast, it looks again.
  const [setup = ''] = blocks;
  const looks = (blocks.at(-1) ?? '').split('\nsleep ')[1]?.replace(/^.*\n/, '') ?? '';
  const { stdout } = await retryUntil(
    async () => (isDone(session.stdout) ? session : run('bash', ['-e', '-c', setup + looks], { env })),
    (seen) => isDone(seen.stdout),
  );
  assert.match(stdout, /\tINFO\tprocessed \{"id":"o-1","amount":250,"customer":"Ada"\}$/m);
  assert.match(stdout, /^SUCCEEDED$/m);
});

function isDone(stdout: string): boolean {
  return /\tprocessed /.test(stdout) && /^SUCCEEDED$/m.test(stdout);
}

/** All that stands in code, between backticks or in a block. */
function codeOf(page: string): string {
  const blocks = [...page.matchAll(/^```[^\n]*\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
  const spans = [...page.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(
    ([, text = '']) => text,
  );
  return [...blocks, ...spans].join('\n');
}

suite('what the documents name', () => {
  test('are commands that there are', async () => {
    const { stdout: help } = await millrace(['--help']);
    const commands = new Set([...help.matchAll(/^ {2}([a-z]+)\b/gm)].map(([, name]) => name));
    assert.ok(commands.has('trace'));
    for (const page of PAGES.filter((name) => existsSync(join(ROOT, name)))) {
      const named = [...codeOf(read(page)).matchAll(/^(?:\$ )?(?:npx )?millrace ([a-z]+)/gm)].map(
        ([, name]) => name,
      );
      assert.deepEqual(
        named.filter((name) => !commands.has(name)),
        [],
        page,
      );
    }
  });

  test('are scripts that there are', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    // npm's own commands that stand for a script, and those that need none.
    const known = new Set([...Object.keys(scripts), 'install', 'ci']);
    for (const page of PAGES) {
      const named = [...codeOf(read(page)).matchAll(/\bnpm (?:run )?([a-z:]+)/g)].map(
        ([, name = '']) => name,
      );
      assert.deepEqual(
        named.filter((name) => !known.has(name)),
        [],
        page,
      );
    }
  });
});
