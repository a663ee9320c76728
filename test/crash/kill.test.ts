/**
 * `kill -9` of the real server under load, over and over on one directory. Rounds: MILLRACE_CRASH_ROUNDS (default 3);
 * seed: MILLRACE_SEED (default 1). The seed decides what clients do and when the kill comes, not how they interleave.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { randomBelow } from '../../src/base/random.ts';
import type { Random } from '../../src/base/random.ts';
import { REGION } from '../workload/names.ts';
import { CrashRun } from './crash-run.ts';
import { injectingBeside, whyNoStrace } from './strace.ts';

const SEED = Number(process.env['MILLRACE_SEED'] ?? 1);
const ROUNDS = Number(process.env['MILLRACE_CRASH_ROUNDS'] ?? 3);
/** It starts anew at 64 MB; kills must not let it grow past that. */
const WAL_SIZE_BYTES_MAX = 96 * 2 ** 20;
/** A round takes four seconds, on a machine that does nothing else. */
const TIMEOUT_MS = 60_000 + ROUNDS * 30_000;

const title = `nothing acknowledged is lost or doubled by kill -9 under load, ${ROUNDS} times`;

test(title, { timeout: TIMEOUT_MS }, async (context) => {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-kill-'));
  const { findings, remains, recoveryMs, ...counts } = await new CrashRun(directory, {
    seed: SEED,
    mode: 'honest',
  }).rounds(ROUNDS);
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
  const { findings } = await new CrashRun(directory, { seed: SEED, mode: 'early' }).rounds(10);
  const gone = findings.filter(({ kind }) => ['lost', 'vanished', 'returned'].includes(kind));
  assert.ok(gone.length > 0, `the check has no teeth: ${JSON.stringify(findings)}`);
});

/** The store's own tests aim at far more of them (`syscalls.test.ts`). */
const SYNC_ROUNDS = Math.ceil(ROUNDS / 10);
const syncTitle = `the same holds where the server is killed at one certain fsync, ${SYNC_ROUNDS} times`;

test(syncTitle, { skip: whyNoStrace(), timeout: TIMEOUT_MS }, async (context) => {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-kill-'));
  const command = (random: Random) =>
    injectingBeside('fsync,fdatasync', 'signal=KILL', 1 + randomBelow(random, 300));
  const run = new CrashRun(directory, { seed: SEED, mode: 'honest', command });
  const { findings, remains, acknowledged, unknown } = await run.rounds(SYNC_ROUNDS);
  const summary = JSON.stringify({ seed: SEED, rounds: SYNC_ROUNDS, acknowledged, unknown });
  context.diagnostic(summary);
  assert.deepEqual(findings.slice(0, 20), [], `${summary}; the data is kept in ${directory}`);
  assert.deepEqual(remains, [], 'something of a killed region is still there');
  await rm(directory, { recursive: true });
});
