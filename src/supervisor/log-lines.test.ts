import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { suite, test } from 'node:test';
import { eachLine, tagLine } from './log-lines.ts';

suite('the lines of a region’s log', () => {
  test('say which region they are of, and stay what they are', () => {
    assert.deepEqual(JSON.parse(tagLine('us-east-1', '{"level":"info","msg":"ready"}')), {
      region: 'us-east-1',
      level: 'info',
      msg: 'ready',
    });
    const own = '{"level":"info","region":"us-east-1","msg":"ready"}';
    assert.equal(tagLine('us-east-1', own), own);
    assert.equal(tagLine('us-east-1', 'Error: at x'), '[us-east-1] Error: at x');
  });

  test('are passed on whole, however they come, and in pieces where one has no end', async () => {
    const stream = new PassThrough();
    const lines: string[] = [];
    eachLine(stream, (line) => lines.push(line));
    for (const text of ['a', 'b\ncd\n', 'x'.repeat(70_000), 'y\n', 'rest']) stream.write(text);
    stream.end();
    await finished(stream);
    assert.deepEqual(
      lines.map((line) => (line.length > 10 ? line.length : line)),
      ['ab', 'cd', 70_000, 'y', 'rest'],
    );
  });
});
