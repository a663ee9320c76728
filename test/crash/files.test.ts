/**
 * What people, scripts and other processes do to the files of a store: it refuses, and says why and what to do, or
 * recovers. It never goes on without what was acknowledged as if nothing had happened. Flipped bits:
 * MILLRACE_CRASH_POINTS (default 10); seed: MILLRACE_SEED.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite, test } from 'node:test';
import type { TestContext } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/log.ts';
import { randomBelow, seededRandom } from '../../src/base/random.ts';
import { openSqliteStore } from '../../src/storage/sqlite/store.ts';
import type { SqliteStore } from '../../src/storage/sqlite/store.ts';
import { StoreFailedError } from '../../src/storage/store.ts';
import { ledgerFindings } from './ledger.ts';
import type { Progress } from './ledger.ts';
import { runLedger } from './ledger-process.ts';

const SEED = Number(process.env['MILLRACE_SEED'] ?? 1);
const FLIPS = Number(process.env['MILLRACE_CRASH_POINTS'] ?? 10);

function open(directory: string): Promise<SqliteStore> {
  return openSqliteStore({ directory, clock: systemClock, log: silentLogger });
}

async function newDirectory(context: TestContext): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'millrace-files-'));
  context.after(() => rm(parent, { recursive: true }));
  return join(parent, 'store');
}

interface Crashed {
  readonly directory: string;
  readonly progress: Progress;
  readonly path: (name: string) => string;
}

/** What a process has left that was killed after some commits; some of them are in the WAL alone. */
async function crashedStore(context: TestContext): Promise<Crashed> {
  const directory = await newDirectory(context);
  const { progress, exit } = await runLedger({ directory, batches: 100, end: 'kill' });
  assert.equal(exit, 'SIGKILL');
  assert.equal(progress.acknowledged, 100);
  return { directory, progress, path: (name) => join(directory, name) };
}

async function assertAllThere({ directory, progress }: Crashed): Promise<void> {
  await using store = await open(directory);
  assert.deepEqual(ledgerFindings(store, progress), []);
  assert.deepEqual((await store.verify()).corruptKeys, []);
}

async function openedOrRefused(crashed: Crashed, hint: string): Promise<'recovered' | 'refused'> {
  let store: SqliteStore;
  try {
    store = await open(crashed.directory);
  } catch (error) {
    assert.ok(error instanceof StoreFailedError, hint);
    return 'refused';
  }
  assert.deepEqual(ledgerFindings(store, crashed.progress), [], hint);
  await store.close();
  return 'recovered';
}

/** It is refused as often as it is tried, not only until the first attempt has tidied up. */
async function assertRefused({ directory }: Crashed, why: RegExp): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await assert.rejects(open(directory), (error) => {
      assert.ok(error instanceof StoreFailedError);
      assert.match(error.message, why);
      assert.ok(error.message.includes(directory), 'it says which directory');
      return true;
    });
  }
}

suite('after a crash', () => {
  test('a store whose files are all there recovers', async (context) => {
    await assertAllThere(await crashedStore(context));
  });

  test('a deleted -shm is made anew', async (context) => {
    const crashed = await crashedStore(context);
    await rm(crashed.path('store.db-shm'));
    await assertAllThere(crashed);
  });

  test('a -shm of nonsense is made anew', async (context) => {
    const crashed = await crashedStore(context);
    await writeFile(crashed.path('store.db-shm'), Buffer.alloc(32_768, 0xa5));
    await assertAllThere(crashed);
  });

  test('a deleted WAL keeps the store closed, until it is put back', async (context) => {
    const crashed = await crashedStore(context);
    const original = `${crashed.directory}-original`;
    await cp(crashed.directory, original, { recursive: true });
    await rm(crashed.path('store.db-wal'));
    await assertRefused(crashed, /was deleted or cut short/);
    await cp(original, crashed.directory, { recursive: true });
    await assertAllThere(crashed);
  });

  for (const [what, share] of [
    ['emptied', 0],
    ['cut short by half', 0.5],
    ['cut short by its last page', 'page'],
  ] as const) {
    test(`a WAL that was ${what} keeps the store closed`, async (context) => {
      const crashed = await crashedStore(context);
      const wal = crashed.path('store.db-wal');
      const sizeBytes = readFileSync(wal).length;
      await truncate(wal, share === 'page' ? sizeBytes - 4096 : Math.floor(sizeBytes * share));
      await assertRefused(crashed, /end at commit \d+, and commit \d+ was acknowledged/);
    });
  }

  test(`no flipped bit in the WAL takes away in silence what was acknowledged, ${FLIPS} times`, async (context) => {
    const crashed = await crashedStore(context);
    const wal = readFileSync(crashed.path('store.db-wal'));
    const random = seededRandom(SEED);
    const outcomes = { refused: 0, recovered: 0 };
    for (let flip = 0; flip < FLIPS; flip += 1) {
      const directory = `${crashed.directory}-${flip}`;
      await cp(crashed.directory, directory, { recursive: true });
      const bit = randomBelow(random, wal.length * 8);
      const flipped = Buffer.from(wal);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await writeFile(join(directory, 'store.db-wal'), flipped);
      const outcome = await openedOrRefused({ ...crashed, directory }, `seed ${SEED}, bit ${bit}`);
      outcomes[outcome] += 1;
      await rm(directory, { recursive: true });
    }
    context.diagnostic(JSON.stringify({ seed: SEED, ...outcomes }));
    assert.ok(outcomes.refused > 0, 'SQLite takes the WAL to end where it is damaged');
  });

  test('a database that was deleted keeps the store closed, and its WAL stays', async (context) => {
    const crashed = await crashedStore(context);
    const wal = readFileSync(crashed.path('store.db-wal'));
    await rm(crashed.path('store.db'));
    await assertRefused(crashed, /store\.db is missing or empty/);
    assert.deepEqual(readFileSync(crashed.path('store.db-wal')), wal);
  });

  test('who deletes the mark accepts what is missing, as the message says', async (context) => {
    const crashed = await crashedStore(context);
    await rm(crashed.path('store.db-wal'));
    await assertRefused(crashed, /delete .*durable\.mark to go on without/);
    await rm(crashed.path('durable.mark'));
    await (await open(crashed.directory)).close();
  });

  test('a mark that the power failure has half written is passed over', async (context) => {
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(12), Buffer.alloc(12, 0xff)]) {
      const crashed = await crashedStore(context);
      await writeFile(crashed.path('durable.mark'), bytes);
      await assertAllThere(crashed);
    }
  });
});

test('an older copy put in the place of a database that was closed is noticed', async (context) => {
  const directory = await newDirectory(context);
  const copy = `${directory}-copy`;
  await runLedger({ directory, batches: 20, end: 'close' });
  await cp(directory, copy, { recursive: true });
  const { progress } = await runLedger({ directory, batches: 20, end: 'close' });
  assert.equal(progress.acknowledged, 40);
  await cp(join(copy, 'store.db'), join(directory, 'store.db'));
  await assert.rejects(open(directory), /end at commit \d+, and commit \d+ was acknowledged.*older copy/s);
  // The copy as a whole is a store like any other.
  await (await open(copy)).close();
});

test('a second process on the same directory is refused with the id of the first', async (context) => {
  const directory = await newDirectory(context);
  await using store = await open(directory);
  const { refusal, exit } = await runLedger({ directory, batches: 1, end: 'close' });
  assert.equal(exit, 1);
  assert.match(refusal ?? '', /in use by another process/);
  assert.equal(readFileSync(join(directory, 'owner.pid'), 'utf8').trim(), String(process.pid));
  await store.whenDurable(store.commit({ puts: [], deletes: ['a'] }));
});

/** Somebody who owns nothing; root may write everywhere. */
const NOBODY = 65_534;

function giveAway(path: string): void {
  for (const name of readdirSync(path, { recursive: true, encoding: 'utf8' }))
    chownSync(join(path, name), NOBODY, NOBODY);
  chownSync(path, NOBODY, NOBODY);
}

/** Whom permissions hold: this user, or nobody where this is root. */
const WHOM = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};

/** Where a checkout lies below a closed home directory, nobody could run it. */
function whyNotAsNobody(): string | false {
  const script = `require('node:fs').readFileSync(${JSON.stringify(fileURLToPath(import.meta.url))})`;
  const { status } = spawnSync(process.execPath, ['-e', script], WHOM);
  return status === 0 ? false : 'only root can read this checkout';
}

const title =
  'a directory or files that may not be written are refused by name, and open again when they may';

test(title, { skip: whyNotAsNobody() }, async (context) => {
  const crashed = await crashedStore(context);
  const { directory, path } = crashed;
  const attempt = () => runLedger({ directory, batches: 1, end: 'kill' }, [], WHOM);
  chmodSync(join(directory, '..'), 0o755);
  if (WHOM.uid !== undefined) giveAway(directory);
  const files = readdirSync(directory).map(path);
  chmodSync(directory, 0o500);
  for (const file of files) chmodSync(file, 0o400);
  const { refusal = 'none' } = await attempt();
  assert.match(refusal, /readonly|read-only|EACCES|unable to open/);
  assert.ok(refusal.includes(directory) && !refusal.includes('in use by another'), refusal);
  chmodSync(directory, 0o700);
  for (const file of files.filter((name) => existsSync(name))) chmodSync(file, 0o600);
  const { progress } = await attempt();
  assert.deepEqual(progress, { seen: 100, sent: 101, acknowledged: 101 });
  await assertAllThere({ ...crashed, progress });
});
