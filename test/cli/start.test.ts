/** What a server loads until it is ready: the start is short and the idle memory small as long as that stays little. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '../..');

/** Starts a server in a process of its own, as `millrace start` does, and tells what the process has loaded then. */
const PROBE = `
  import { registerHooks } from 'node:module';
  const files = [];
  registerHooks({
    load: (url, context, next) => {
      files.push(url);
      return next(url, context);
    },
  });
  const { parseConfig } = await import('./src/config.ts');
  const { startServer } = await import('./src/server.ts');
  await using server = await startServer(parseConfig({ memory: true, port: 0, logLevel: 'silent' }, {}));
  const builtins = process.moduleLoadList.map((name) => name.split(' ')[1]);
  process.stdout.write(JSON.stringify({ files, builtins, endpoint: server.endpoint }));
`;

async function loadedAtStart(): Promise<{ files: string[]; builtins: string[] }> {
  const args = ['--input-type=module', '--eval', PROBE];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: ROOT,
    maxBuffer: 2 ** 24,
  });
  return JSON.parse(stdout) as { files: string[]; builtins: string[] };
}

suite('the start of a server', () => {
  test('loads nothing that only some requests or commands need', async () => {
    const { files, builtins } = await loadedAtStart();
    assert.ok(
      files.some((file) => file.endsWith('/src/region.ts')),
      'the probe sees what is loaded',
    );
    assert.ok(builtins.includes('http') && builtins.includes('_http_server'));
    // 20 ms and 8 MB: loaded by whoever reads all exports of node:http, as an import of it does.
    assert.deepEqual(
      builtins.filter((name) => name?.includes('undici')),
      [],
    );
    assert.deepEqual(
      files.filter((file) => file.includes('/node_modules/')),
      [],
    );
    // The models of services are large: each is loaded at the first request for it.
    assert.deepEqual(
      files.filter((file) => /\/src\/(cli|demo|bench|api\/(?!routes|registry))/.test(file)),
      [],
    );
  });
});
