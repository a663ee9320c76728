/**
 * `kill -9` of the real server under load, over and over on one directory. Rounds: MILLRACE_CRASH_ROUNDS (default 3);
 * seed: MILLRACE_SEED (default 1). The seed decides what clients do and when the kill comes, not how they interleave.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomBelow, seededRandom } from '../../src/base/random.ts';
import type { Finding } from '../../src/testing/checkers.ts';
import { Auditor } from '../workload/audit.ts';
import { REGION, Workload } from '../workload/workload.ts';
import { callRegion, RegionProcess } from './region-process.ts';

const SEED = Number(process.env['MILLRACE_SEED'] ?? 1);
const ROUNDS = Number(process.env['MILLRACE_CRASH_ROUNDS'] ?? 3);
const CLIENTS = 12;
const LOAD_MS_MIN = 200;
const LOAD_MS_MAX = 900;
/** The longest wait of an execution and the longest that a message is hidden are two seconds; the rest is patience. */
const DRAIN_MS = 30_000;

/** It starts anew at 64 MB; kills must not let it grow past that. */
const WAL_SIZE_BYTES_MAX = 96 * 2 ** 20;
/** A round takes four seconds, on a machine that does nothing else. */
const TIMEOUT_MS = 60_000 + ROUNDS * 30_000;

interface RoundsResult {
  readonly findings: readonly Finding[];
  readonly remains: readonly string[];
  readonly acknowledged: number;
  readonly unknown: number;
  readonly executions: number;
  readonly recoveryMs: readonly number[];
}

/** Loads, kills, restarts and audits, as often as asked or until something is found. */
class CrashRun {
  readonly #mode: 'honest' | 'early';
  readonly #directory: string;
  readonly #random = seededRandom(SEED);
  readonly #workload: Workload;
  readonly #clients = Array.from({ length: CLIENTS }, (_, index) => ({
    name: `client-${index}`,
    random: seededRandom(this.#random.uint32()),
  }));
  #region: RegionProcess | undefined;

  constructor(mode: 'honest' | 'early', directory: string) {
    this.#mode = mode;
    this.#directory = directory;
    this.#workload = new Workload({
      call: (service, operation, input) => callRegion(this.#region?.endpoint, { service, operation, input }),
      now: () => Date.now(),
      sleep: (durationMs) => sleep(durationMs),
    });
  }

  async rounds(count: number): Promise<RoundsResult> {
    const { recorder } = this.#workload;
    const auditor = new Auditor(this.#workload, { drainMs: DRAIN_MS, timestampUnitMs: 1000 });
    const remains: string[] = [];
    const recoveryMs: number[] = [];
    let findings: Finding[] = [];
    try {
      await this.#start();
      await this.#workload.setUp();
      for (let round = 0; round < count && findings.length + remains.length === 0; round += 1) {
        remains.push(...(await this.#loadAndKill()));
        recoveryMs.push(await this.#start());
        findings = await auditor.findings();
      }
    } finally {
      await this.#region?.kill();
    }
    const { acknowledgedCount: acknowledged, unknownCount: unknown } = recorder;
    return { findings, remains, acknowledged, unknown, executions: auditor.executionCount, recoveryMs };
  }

  /** Starts the region and answers how long that took. */
  async #start(): Promise<number> {
    const startedAt = performance.now();
    this.#region = await RegionProcess.start(this.#directory, this.#mode);
    return performance.now() - startedAt;
  }

  async #loadAndKill(): Promise<string[]> {
    let isUp = true;
    const load = this.#clients.map(async (client) => {
      while (isUp) await this.#workload.step(client);
    });
    await sleep(LOAD_MS_MIN + randomBelow(this.#random, LOAD_MS_MAX - LOAD_MS_MIN));
    this.#workload.recorder.crashed();
    const killed = this.#region?.kill();
    isUp = false;
    await Promise.all(load);
    return (await killed) ?? [];
  }
}

const title = `nothing acknowledged is lost or doubled by kill -9 under load, ${ROUNDS} times`;

test(title, { timeout: TIMEOUT_MS }, async (context) => {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-kill-'));
  const { findings, remains, recoveryMs, ...counts } = await new CrashRun('honest', directory).rounds(ROUNDS);
  const recovery = recoveryMs.toSorted((a, b) => a - b);
  const report = {
    seed: SEED,
    rounds: recoveryMs.length,
    ...counts,
    recoveryMsMedian: Math.round(recovery[Math.floor(recovery.length / 2)] ?? 0),
    recoveryMsP90: Math.round(recovery[Math.floor(recovery.length * 0.9)] ?? 0),
    recoveryMsMax: Math.round(recovery.at(-1) ?? 0),
  };
  context.diagnostic(JSON.stringify(report));
  const summary = `${findings.length} findings; ${JSON.stringify(report)}; the data is kept in ${directory}`;
  assert.deepEqual(findings.slice(0, 20), [], summary);
  assert.deepEqual(remains, [], 'something of a killed region is still there');
  const { size: walSizeBytes } = await stat(join(directory, REGION, 'store.db-wal'));
  assert.ok(walSizeBytes < WAL_SIZE_BYTES_MAX, `the WAL holds ${walSizeBytes} bytes`);
  assert.ok(counts.acknowledged > ROUNDS * 50, `${counts.acknowledged} operations were acknowledged`);
  await rm(directory, { recursive: true });
});

test('the same rounds catch a region that acknowledges before its commits are on disk', async (context) => {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-kill-'));
  context.after(() => rm(directory, { recursive: true }));
  const { findings } = await new CrashRun('early', directory).rounds(10);
  const gone = findings.filter(({ kind }) => ['lost', 'vanished', 'returned'].includes(kind));
  assert.ok(gone.length > 0, `the check has no teeth: ${JSON.stringify(findings)}`);
});
