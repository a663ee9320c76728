/** The benchmark in its smallest form: that it runs, proves what it counts and says it in a stable shape. No timings. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { BenchReport } from '../../src/bench/bench.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const SMALLEST = ['--seconds', '0.2', '--runs', '1', '--concurrency', '4', '--json'];

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function runBench(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, 'bench', ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

function rowOf({ rows }: BenchReport, target: string, scenario: string): BenchReport['rows'][number] {
  const row = rows.find((candidate) => candidate.target === target && candidate.scenario === scenario);
  assert.ok(row, `${target} ${scenario}`);
  return row;
}

suite('millrace bench', () => {
  test('starts a server, proves every scenario on it, and reports each beside the ceiling', async () => {
    const { code, stdout, stderr } = await runBench(...SMALLEST, '--baseline');
    assert.equal(code, 0, stderr);
    const report = JSON.parse(stdout) as BenchReport;
    assert.equal(report.runCount, 1);
    assert.match(report.machine.node, /^v\d+\./);
    assert.ok(report.machine.cores >= 1 && report.machine.fsyncMs > 0);
    assert.ok((report.start?.startMs ?? 0) > 0);
    for (const scenario of ['send-message', 'put-events', 'start-execution', 'put-item']) {
      for (const target of ['millrace', 'ceiling']) {
        const row = rowOf(report, target, scenario);
        assert.deepEqual(row.problems, []);
        assert.equal(row.concurrency, 4);
        assert.equal(row.runs.length, 1);
        assert.ok(row.operationsPerSecond > 0 && row.p50Ms > 0 && row.p99Ms >= row.p50Ms);
        assert.ok(row.loadCpuUsPerOperation > 0);
        if (process.platform === 'linux') assert.ok((row.rssBytes ?? 0) > 2 ** 20);
      }
    }
  });

  test('tells of a server that acknowledges and does nothing', async () => {
    const answers: Record<string, object> = {
      'AmazonSQS.CreateQueue': { QueueUrl: 'http://127.0.0.1/000000000000/queue' },
      'AmazonSQS.GetQueueAttributes': { Attributes: { ApproximateNumberOfMessages: '0' } },
    };
    const liar = createServer((request, response) => {
      request.resume();
      const answer = JSON.stringify(answers[String(request.headers['x-amz-target'])] ?? {});
      request.on('end', () => response.writeHead(200, { 'Content-Length': answer.length }).end(answer));
    });
    await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(liar.address() as AddressInfo).port}`;
    try {
      const { code, stdout } = await runBench(
        ...SMALLEST,
        '--scenarios',
        'send-message',
        '--endpoint',
        endpoint,
      );
      const row = rowOf(JSON.parse(stdout) as BenchReport, 'millrace', 'send-message');
      assert.equal(row.operationsPerSecond, 0);
      assert.match(row.problems.join(), /^\d+ operations were acknowledged and 0 are done$/);
      assert.equal(code, 1);
    } finally {
      liar.closeAllConnections();
      await new Promise((resolve) => liar.close(resolve));
    }
  });

  test('a scenario that is unknown is refused before anything is started', async () => {
    const { code, stderr } = await runBench('--scenarios', 'nothing');
    assert.equal(code, 2);
    assert.match(stderr, /There is no scenario nothing/);
  });
});
