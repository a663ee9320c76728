/** Two regions as boto3 sees them, with their home alive and dead. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLogger } from '../../src/base/log.ts';
import { parseConfig } from '../../src/config.ts';
import { startSupervisor } from '../../src/supervisor/supervisor.ts';
import { missingTool, ROOT, run } from './cli-fixture.ts';

const EAST = 'us-east-1';
const WEST = 'us-west-2';
const skip = missingTool('python3', '-c', 'import boto3');

test('boto3 needs one URL for two regions, and reads IAM when its home is dead', { skip }, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-boto3-'));
  const config = parseConfig({ region: [EAST, WEST], port: 0, dataDir, logLevel: 'silent' }, {});
  await using supervisor = await startSupervisor(config, { log: silentLogger });
  const ask = async (phase: string): Promise<void> => {
    const urls = [EAST, WEST].map((region) => supervisor.regions[region]?.endpoint ?? '');
    const { code, stdout, stderr } = await run(
      'python3',
      [join(ROOT, 'test/boto3/regions.py'), phase, ...urls],
      {
        // Its own retries would only make it take longer to say what is down.
        env: { ...process.env, AWS_MAX_ATTEMPTS: '1' },
      },
    );
    assert.deepEqual([code, stdout, stderr], [0, `${phase}\n`, '']);
  };
  await ask('before');
  await supervisor.fail(EAST);
  await ask('after');
  await supervisor.stop();
  rmSync(dataDir, { recursive: true, force: true });
});
