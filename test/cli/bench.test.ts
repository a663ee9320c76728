/** The benchmark in its smallest form: that it runs, proves what it counts and says it in a stable shape. No timings. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { BenchReport } from '../../src/bench/bench.ts';
import { DEFAULT_SCENARIOS, SCENARIOS } from '../../src/bench/scenarios.ts';

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

/** Answers everything with status 200 and what `answerOf` says of the operation. */
async function startLiar(
  answerOf: (target: string) => object,
): Promise<AsyncDisposable & { readonly endpoint: string }> {
  const server = createServer((request, response) => {
    request.resume();
    const answer = JSON.stringify(answerOf(String(request.headers['x-amz-target'])));
    request.on('end', () => response.writeHead(200, { 'Content-Length': answer.length }).end(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

suite('millrace bench', () => {
  test('starts a server, proves the usual scenarios on it, and reports each beside the ceiling', async () => {
    const { code, stdout, stderr } = await runBench(...SMALLEST, '--baseline', '--records', '2000');
    assert.equal(code, 0, stderr);
    const report = JSON.parse(stdout) as BenchReport;
    assert.equal(report.runCount, 1);
    assert.match(report.machine.node, /^v\d+\./);
    assert.ok(report.machine.cores >= 1 && report.machine.fsyncMs > 0);
    assert.ok((report.start?.startMs ?? 0) > 0);
    assert.equal(report.filledStart?.recordCount, 2000);
    assert.ok(report.filledStart.startMs > 0);
    for (const { name: scenario } of DEFAULT_SCENARIOS) {
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

  test('proves every other scenario', async () => {
    const others = SCENARIOS.filter((scenario) => !DEFAULT_SCENARIOS.includes(scenario));
    const { code, stdout, stderr } = await runBench(
      ...SMALLEST,
      '--scenarios',
      others.map(({ name }) => name).join(),
    );
    assert.equal(code, 0, `${stdout}${stderr}`);
    const { rows } = JSON.parse(stdout) as BenchReport;
    assert.deepEqual(
      rows.map(({ scenario }) => scenario),
      others.map(({ name }) => name),
    );
    assert.ok(rows.every(({ operationsPerSecond }) => operationsPerSecond > 0));
  });

  test('tells of a server that acknowledges and does nothing', async () => {
    const answers: Record<string, object> = {
      'AmazonSQS.CreateQueue': { QueueUrl: 'http://127.0.0.1/000000000000/queue' },
      'AmazonSQS.GetQueueAttributes': { Attributes: { ApproximateNumberOfMessages: '0' } },
    };
    await using liar = await startLiar((target) => answers[target] ?? {});
    const named = ['--scenarios', 'send-message', '--endpoint', liar.endpoint];
    const { code, stdout } = await runBench(...SMALLEST, ...named);
    const row = rowOf(JSON.parse(stdout) as BenchReport, 'millrace', 'send-message');
    assert.equal(row.operationsPerSecond, 0);
    assert.match(row.problems.join(), /^\d+ operations were acknowledged and 0 are done$/);
    assert.equal(code, 1);
  });

  test('tells of a server that answers with something else than was asked for', async () => {
    await using liar = await startLiar(() => ({ Item: { pk: { S: 'another' } } }));
    const named = ['--scenarios', 'get-item', '--endpoint', liar.endpoint];
    const { code, stdout } = await runBench(...SMALLEST, ...named);
    const row = rowOf(JSON.parse(stdout) as BenchReport, 'millrace', 'get-item');
    assert.match(row.problems.join(), /^\d+ requests failed, the first with: HTTP\/1.1 200 OK/);
    assert.equal(code, 1);
  });

  test('a scenario that is unknown is refused before anything is started', async () => {
    const { code, stderr } = await runBench('--scenarios', 'nothing');
    assert.equal(code, 2);
    assert.match(stderr, /There is no scenario nothing/);
  });
});
