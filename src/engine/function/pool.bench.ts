/**
 * What an invocation of a warm process costs: `npx node src/engine/function/pool.bench.ts`. An event of 1 KiB, an
 * answer of 200 bytes; the goal is 10,000 a second with four processes. The log is thrown away: storing it is
 * `storage/sqlite/store.bench.ts`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/log.ts';
import { systemRandom } from '../../base/random.ts';
import { Launcher } from './launcher.ts';
import { FunctionPool } from './pool.ts';
import type { FunctionSpec } from './spec.ts';

const ROUND_MS = 1500;
const ROUNDS = 3;
const PAYLOAD = JSON.stringify({ text: 'x'.repeat(1000) });
const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:bench';

const HANDLERS = {
  'nodejs24.x': {
    handler: 'index.handler',
    files: {
      'index.js':
        "const text = 'y'.repeat(180); exports.handler = async (event) => ({ text, size: event.text.length });",
    },
  },
  'python3.12': {
    handler: 'index.handler',
    files: {
      'index.py':
        'TEXT = "y" * 180\ndef handler(event, context):\n    return {"text": TEXT, "size": len(event["text"])}\n',
    },
  },
} as const;

interface Round {
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function runRound(pool: FunctionPool, spec: FunctionSpec, concurrency: number): Promise<Round> {
  const latencies: number[] = [];
  const startedAtMs = performance.now();
  const cpu = process.cpuUsage();
  const client = async (): Promise<void> => {
    while (performance.now() - startedAtMs < ROUND_MS) {
      const sentAtMs = performance.now();
      await pool.invoke(spec, { requestId: 'bench', functionArn: ARN, payloadText: PAYLOAD });
      latencies.push(performance.now() - sentAtMs);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, client));
  const used = process.cpuUsage(cpu);
  latencies.sort((a, b) => a - b);
  const count = latencies.length;
  return {
    perSecond: count / ((performance.now() - startedAtMs) / 1000),
    cpuMicroseconds: (used.user + used.system) / count,
    p50Ms: latencies[Math.floor(count / 2)] ?? 0,
    p99Ms: latencies[Math.floor(count * 0.99)] ?? 0,
  };
}

async function measure(
  runtime: keyof typeof HANDLERS,
  processes: number,
  concurrency: number,
): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const taskDirectory = join(root, 'task');
  mkdirSync(taskDirectory);
  const { handler, files } = HANDLERS[runtime];
  for (const [name, text] of Object.entries(files)) writeFileSync(join(taskDirectory, name), text);
  const launcher = new Launcher({
    clock: systemClock,
    processClock: systemClock,
    random: systemRandom,
    log: silentLogger,
    logs: { append: () => undefined },
    credentials: () => ({ accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' }),
    endpointUrl: () => 'http://127.0.0.1:4566',
    temporaryRoot: () => join(root, 'tmp'),
  });
  const limits = { eagerCount: processes, processCountMax: processes };
  const pool = new FunctionPool({ launcher, clock: systemClock, processClock: systemClock, ...limits });
  const spec: FunctionSpec = {
    key: ARN,
    account: '000000000000',
    region: 'us-east-1',
    name: 'bench',
    version: '$LATEST',
    runtime,
    handler,
    timeoutMs: 30_000,
    memorySizeMb: 256,
    ephemeralStorageMb: 512,
    environment: {},
    taskDirectory,
    roleArn: 'arn:aws:iam::000000000000:role/bench',
    logGroupName: '/aws/lambda/bench',
  };
  await runRound(pool, spec, concurrency);
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await runRound(pool, spec, concurrency));
  const median = rounds.toSorted((a, b) => a.perSecond - b.perSecond)[Math.floor(ROUNDS / 2)] as Round;
  await pool.close();
  launcher.close();
  rmSync(root, { recursive: true, force: true });
  const figures = [
    `${Math.round(median.perSecond)}/s`,
    `${median.cpuMicroseconds.toFixed(1)} us CPU of the pool each`,
    `p50 ${median.p50Ms.toFixed(2)} ms`,
    `p99 ${median.p99Ms.toFixed(2)} ms`,
  ];
  process.stdout.write(`${runtime}, ${processes} processes, ${concurrency} callers: ${figures.join(', ')}\n`);
}

for (const runtime of ['nodejs24.x', 'python3.12'] as const) {
  await measure(runtime, 1, 1);
  await measure(runtime, 4, 4);
  await measure(runtime, 4, 64);
}
