/** The article's pipeline by boto3: see test/boto3/article.py. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { articleEnvironment, missingTool, ROOT, run, startPlatform } from './cli-fixture.ts';

const skip = missingTool('python3', '-c', 'import boto3');

test(
  "boto3 builds the article's pipeline, feeds it and sees what became of each order",
  { skip },
  async () => {
    await using platform = await startPlatform();
    const env = {
      ...articleEnvironment(platform.endpoint),
      AWS_ENDPOINT_URL: platform.endpoint,
      PYTHONDONTWRITEBYTECODE: '1',
    };
    const { code, stderr } = await run('python3', [join(ROOT, 'test/boto3/article.py')], { env });
    assert.equal(code, 0, stderr);
  },
);
