import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { suite, test } from 'node:test';
import { createPoolFixture, node } from '../../testing/pool-fixture.ts';
import { describeSandbox, detectSandbox, NO_SANDBOX } from './sandbox.ts';

const support = await detectSandbox();
const skipWalls = support.bubblewrap ? false : 'bubblewrap does not work on this machine';

suite('the sandbox', () => {
  test('says of each part whether it is active, and what it means when it is not', () => {
    assert.ok(describeSandbox(NO_SANDBOX).every(({ isActive }) => !isActive));
    const all = describeSandbox({
      bubblewrap: true,
      setpriv: true,
      prlimit: true,
      cgroup: { version: 2, directory: '/sys/fs/cgroup' },
    });
    assert.ok(all.every(({ isActive }) => isActive));
    assert.equal(all.length, describeSandbox(NO_SANDBOX).length);
  });

  test('shows a function its code and nothing of the machine', { skip: skipWalls }, async (context) => {
    const { invoke, root } = createPoolFixture(
      context,
      node(`const { existsSync, readdirSync, writeFileSync } = require('node:fs');
        exports.handler = async ({ paths }) => { writeFileSync('/tmp/own', 'x'); let readOnly = false;
          try { writeFileSync('/var/task/new', 'x'); } catch { readOnly = true; }
          return { found: paths.filter(existsSync), task: readdirSync(process.env.LAMBDA_TASK_ROOT),
            processes: readdirSync('/proc').filter((name) => /^\\d+$/.test(name)).length, readOnly,
            variables: Object.keys(process.env).filter((name) => /^(npm_|NODE_TEST|SSH|USER)/.test(name)) }; };`),
    );
    const paths = [root, '/etc/passwd', '/etc/shadow', '/root/.ssh', '/home', import.meta.filename];
    const { answer } = await invoke({ paths });
    const { processes, ...rest } = answer as { processes: number };
    assert.deepEqual(rest, { found: [], task: ['index.js'], readOnly: true, variables: [] });
    assert.ok(processes <= 2);
    assert.equal(existsSync('/tmp/own'), false);
  });

  test('ends a function that takes more memory than it has', async (context) => {
    const { invoke } = createPoolFixture(
      context,
      node(`const kept = []; exports.handler = async () => {
        for (let count = 0; count < 60; count += 1) { kept.push(Buffer.alloc(20_000_000, count));
          await new Promise((resolve) => setTimeout(resolve, 40)); } };`),
      { memorySizeMb: 128, timeoutMs: 60_000 },
    );
    const { answer, isError } = await invoke();
    assert.equal(isError, true);
    assert.deepEqual(answer, {
      errorType: 'Runtime.ExitError',
      errorMessage: 'RequestId: request-1 Error: Runtime exited with error: signal: killed',
    });
  });

  test(
    'bounds the files that a function can open',
    { skip: support.prlimit ? false : 'needs prlimit' },
    async (context) => {
      const { invoke } = createPoolFixture(
        context,
        node(`const { openSync } = require('node:fs'); exports.handler = async () => {
        try { for (let count = 0; ; count += 1) openSync('/dev/null'); } catch (error) { return error.code; } };`),
      );
      assert.equal((await invoke()).answer, 'EMFILE');
    },
  );
});
