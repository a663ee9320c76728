import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import { suite, test } from 'node:test';
import { startTestServer } from './testing/test-server.ts';

suite('a server', () => {
  test('knows its directory in full even when it was given from here: functions run elsewhere', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-server-'));
    try {
      const settings = { memory: false, dataDir: relative(process.cwd(), directory) };
      await using server = await startTestServer({ settings });
      assert.ok(isAbsolute(server.dataDir ?? ''));
      assert.equal(server.dataDir, join(directory, 'us-east-1'));
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
