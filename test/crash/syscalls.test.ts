/**
 * A store whose process is killed, or whose disk fails, at one certain system call: the Nth fsync, write, truncation or
 * removal. Points: MILLRACE_CRASH_POINTS (default 10; failing disks: a fifth of that, at least 4); seed: MILLRACE_SEED.
 */
import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import type { Random } from '../../src/base/random.ts';
import { randomBelow, seededRandom } from '../../src/base/random.ts';
import { openSqliteStore } from '../../src/storage/sqlite/store.ts';
import { lastNumber, ledgerFindings } from './ledger.ts';
import type { LedgerFinding, Progress } from './ledger.ts';
import { runChild, runLedger } from './ledger-process.ts';
import type { LedgerOptions, LedgerRun } from './ledger-process.ts';
import { injecting, whyNoStrace } from './strace.ts';

const CHECKPOINT_CHILD = fileURLToPath(new URL('checkpoint-child.ts', import.meta.url));
const SEED = Number(process.env['MILLRACE_SEED'] ?? 1);
const POINTS = Number(process.env['MILLRACE_CRASH_POINTS'] ?? 10);
const FAILING_POINTS = Math.max(4, Math.ceil(POINTS / 5));
const BATCHES = 120;
/** A point takes half a second, on a machine that does nothing else. */
const TIMEOUT_MS = 60_000 + POINTS * 5000;

/** The calls to aim at, how often each of them is aimed at, and how many of them a run makes. */
const TARGETS = [
  { calls: 'fsync,fdatasync', weight: 5, count: 100 },
  { calls: 'pwrite64', weight: 5, count: 1000 },
  // Where a store is opened and closed.
  { calls: 'ftruncate', weight: 1, count: 3 },
  { calls: 'unlink', weight: 1, count: 2 },
] as const;

function aim(random: Random): { readonly calls: string; readonly nth: number } {
  let ticket = randomBelow(
    random,
    TARGETS.reduce((sum, { weight }) => sum + weight, 0),
  );
  const target = TARGETS.find(({ weight }) => (ticket -= weight) < 0) ?? TARGETS[0];
  return { calls: target.calls, nth: 1 + randomBelow(random, target.count) };
}

type Finding = LedgerFinding | { readonly kind: 'damaged'; readonly keys: readonly string[] };

/** A directory on which one process after the other works and is ended; what was there once must not leave again. */
class Site {
  readonly #directory: string;
  /** The number that the last check has found. */
  #recovered = 0;
  #runs = 0;
  acknowledged = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async run(command: readonly string[], options: Partial<LedgerOptions> = {}): Promise<LedgerRun> {
    const directory = this.#directory;
    const run = await runLedger({ directory, batches: BATCHES, end: 'close', ...options }, command);
    this.acknowledged += Math.max(0, run.progress.acknowledged - this.#recovered);
    return run;
  }

  /** Mostly of a copy, so that the next process finds what the last has left, and recovers for itself. */
  async findings(run: LedgerRun): Promise<Finding[]> {
    this.#runs += 1;
    const isCopy = this.#runs % 5 > 0;
    const place = isCopy ? `${this.#directory}-copy` : this.#directory;
    if (isCopy) await cp(this.#directory, place, { recursive: true });
    // One that was ended while it opened has not seen anything.
    const progress = { ...run.progress, seen: Math.max(run.progress.seen, this.#recovered) };
    const found = await this.#check(place, progress);
    if (isCopy) await rm(place, { recursive: true });
    return found;
  }

  /** Before and after all has been brought to the table. */
  async #check(directory: string, progress: Progress): Promise<Finding[]> {
    await using store = await openSqliteStore({ directory, clock: systemClock, log: silentLogger });
    this.#recovered = lastNumber(store);
    const found: Finding[] = ledgerFindings(store, progress);
    const { corruptKeys } = await store.verify();
    if (corruptKeys.length > 0) found.push({ kind: 'damaged', keys: corruptKeys });
    return [...found, ...ledgerFindings(store, progress)];
  }
}

async function newDirectory(context: TestContext): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'millrace-syscalls-'));
  context.after(() => rm(parent, { recursive: true }));
  return join(parent, 'store');
}

/** Kills on one directory, until something is found; answers what came of it. */
async function killPoints(directory: string, options: Partial<LedgerOptions>, points: number) {
  const random = seededRandom(SEED);
  const site = new Site(directory);
  let kills = 0;
  for (let point = 0; point < points; point += 1) {
    const { calls, nth } = aim(random);
    const hint = `seed ${SEED}, point ${point}: ${calls} ${nth}`;
    const run = await site.run(injecting(calls, 'signal=KILL', nth), options);
    assert.equal(run.refusal, undefined, hint);
    if (run.exit === 'SIGKILL') kills += 1;
    const findings = await site.findings(run);
    if (findings.length > 0) return { findings: [hint, ...findings], kills, acknowledged: site.acknowledged };
  }
  return { findings: [], kills, acknowledged: site.acknowledged };
}

suite('at one certain system call', { skip: whyNoStrace(), timeout: TIMEOUT_MS }, () => {
  test(`kill -9 takes nothing of what was acknowledged, at ${POINTS} points`, async (context) => {
    const { findings, ...total } = await killPoints(await newDirectory(context), {}, POINTS);
    context.diagnostic(JSON.stringify({ seed: SEED, points: POINTS, ...total }));
    assert.deepEqual(findings, []);
    assert.ok(total.kills > POINTS / 2, `only ${total.kills} of ${POINTS} processes were killed`);
  });

  test('the same points catch a store that acknowledges before it commits', async (context) => {
    const { findings } = await killPoints(await newDirectory(context), { isEarly: true }, 30);
    assert.ok(findings.length > 0, 'the check has no teeth');
  });

  for (const [calls, error, count] of [
    ['fsync,fdatasync', 'EIO', 60],
    ['pwrite64', 'ENOSPC', 1000],
    ['pwrite64', 'EIO', 1000],
  ] as const) {
    test(`${error} of ${calls} is never followed by an acknowledgement, and the next start recovers`, async (context) => {
      const site = new Site(await newDirectory(context));
      const random = seededRandom(SEED);
      let refusals = 0;
      for (let point = 0; point < FAILING_POINTS; point += 1) {
        const nth = 1 + randomBelow(random, count);
        const hint = `seed ${SEED}, point ${point}: ${calls} ${nth}`;
        const run = await site.run(injecting(calls, `error=${error}`, nth));
        assert.equal(run.isAcknowledgedAfterFailure, false, hint);
        if (run.refusal !== undefined) {
          assert.equal(run.exit, 1, hint);
          assert.match(run.refusal, /store/, hint);
          refusals += 1;
        }
        assert.deepEqual(await site.findings(run), [], hint);
      }
      context.diagnostic(
        JSON.stringify({ seed: SEED, points: FAILING_POINTS, refusals, acknowledged: site.acknowledged }),
      );
      assert.ok(refusals > 0, 'no process noticed its failing disk');
    });
  }

  test('a checkpoint whose fsync fails is not tried again: the store goes on no more, and recovers', async (context) => {
    const directory = await newDirectory(context);
    const site = new Site(directory);
    const before = await site.run([]);
    const command = injecting('fsync,fdatasync', 'error=EIO', 1, join(directory, 'store.db'));
    const { said, exit } = await runChild([...command, process.execPath, CHECKPOINT_CHILD, directory]);
    assert.match(said, /^a checkpoint failed: .*disk I\/O error/);
    assert.equal(exit, 1);
    assert.deepEqual(await site.findings(before), []);
  });
});
