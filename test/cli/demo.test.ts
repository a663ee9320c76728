/** The demo as `npm run demo` runs it: a server of its own, a small run, and a ledger that balances. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DrillResult } from '../../src/demo/drill/drill.ts';
import type { DemoResult } from '../../src/demo/run.ts';
import { articleEnvironment, millrace } from './cli-fixture.ts';

/** Nothing listens there: the demo starts a server of its own. */
const NOWHERE = 'http://127.0.0.1:1';

test('the demo starts a server where none runs, and every order ends where it belongs', async () => {
  const { code, stdout, stderr } = await millrace(
    ['demo', '--orders', '60', '--json'],
    articleEnvironment(NOWHERE),
  );
  assert.deepEqual([code, stderr], [0, '']);
  const { ledger, chain } = JSON.parse(stdout) as DemoResult;
  assert.deepEqual(ledger.problems, []);
  assert.deepEqual([ledger.sent, ledger.acknowledged + (ledger.rejected['MalformedDetail'] ?? 0)], [60, 60]);
  assert.ok(ledger.processed > 0 && ledger.processed < ledger.acknowledged);
  const kinds = new Set<string | undefined>(chain?.nodes.map(({ kind }) => kind));
  for (const kind of ['event', 'message', 'execution', 'pipe-batch', 'invocation'])
    assert.ok(kinds.has(kind), kind);
});

test('the drill kills a region under load, and nothing that was acknowledged is lost or there twice', async () => {
  const args = ['demo', '--drill', '--fast', '--phase', '1', '--rate', '40', '--json'];
  const { code, stdout, stderr } = await millrace(args, articleEnvironment(NOWHERE));
  assert.equal(code, 0, stderr + stdout);
  const { ledger, times } = JSON.parse(stdout) as DrillResult;
  assert.deepEqual(ledger.problems, []);
  assert.ok(ledger.acknowledged > 60);
  for (const { processed, executions, lost, doubled } of Object.values(ledger.regions)) {
    assert.deepEqual([lost, doubled], [0, 0]);
    assert.ok(processed > 40);
    assert.ok((executions['SUCCEEDED'] ?? 0) > 40);
  }
  // Each was seen to happen; how long it took is for the drill to tell.
  assert.ok(Object.values(times).every((seconds) => seconds > 0));
});
