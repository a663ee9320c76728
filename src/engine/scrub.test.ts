import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import { silentLogger } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import { openSqliteStore } from '../storage/sqlite/store.ts';
import { SimClock } from '../testing/sim-clock.ts';
import { Loop } from './loop.ts';
import { Scrub } from './scrub.ts';

/** More than the records of one slice, of which some get a flipped bit while nobody looks. */
const RECORDS = 2500;
const DAMAGED = ['key-0003', 'key-1700', 'key-2499'];

async function damagedDirectory(context: TestContext): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-scrub-'));
  context.after(() => rmSync(directory, { recursive: true }));
  {
    await using store = await openSqliteStore({ directory, clock: new SimClock(), log: silentLogger });
    const puts = Array.from({ length: RECORDS }, (_, index) => ({
      key: `key-${String(index).padStart(4, '0')}`,
      value: Buffer.from('a value'),
    }));
    store.commit({ puts, deletes: [] });
    await store.settle();
  }
  using database = new DatabaseSync(join(directory, 'store.db'));
  const damage = database.prepare(
    "UPDATE record SET value = CAST(substr(value, 1, 6) || x'ff' || substr(value, 8) AS BLOB) WHERE key = ?",
  );
  for (const key of DAMAGED) damage.run(Buffer.from(key));
  return directory;
}

test('the scrub finds records that were damaged and that nobody reads, slice by slice', async (context) => {
  const directory = await damagedDirectory(context);
  const clock = new SimClock();
  await using store = await openSqliteStore({ directory, clock, log: silentLogger });
  const slices: Promise<unknown>[] = [];
  const scrub = store.scrub.bind(store);
  store.scrub = (from) => {
    const slice = scrub(from);
    slices.push(slice);
    return slice;
  };
  const onFatal = (error: Error): never => assert.fail(error);
  const loop = new Loop({ store, clock, random: seededRandom(1), log: silentLogger, onFatal });
  context.after(() => loop.close());
  loop.quarantine.start();
  new Scrub(loop).start();
  await clock.advance(600_000);
  // The slices are read by another thread: the clock goes on when one has come back.
  for (let slice = 0; slice < 3; slice += 1) {
    assert.equal(slices.length, slice + 1);
    await slices[slice];
    await clock.advance(1000);
  }
  assert.equal(slices.length, 3, 'the next pass is a day later');
  assert.deepEqual(
    loop.quarantine.list().map(({ kind, subject }) => `${kind} ${subject}`),
    DAMAGED.map((key) => `record ${key}`),
  );
  await clock.advance(86_400_000);
  assert.equal(slices.length, 4);
  await slices[3];
});
