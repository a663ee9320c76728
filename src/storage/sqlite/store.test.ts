/** What the SQLite store does beyond the contract: files, damage, full disks, a dying writer, backups. */
import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import { silentLogger } from '../../base/log.ts';
import { randomBelow, seededRandom } from '../../base/random.ts';
import { encodeBatch } from '../journal.ts';
import { CorruptRecordError, DiskFullError, StoreFailedError } from '../store.ts';
import type { Batch, Entry, Key } from '../store.ts';
import { openSqliteStore } from './store.ts';
import type { SqliteStore, SqliteStoreOptions } from './store.ts';

const putOf = (key: Key, value = `value of ${key}`): Batch => ({
  puts: [{ key, value: Buffer.from(value) }],
  deletes: [],
});
const textOf = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : Buffer.from(value).toString();

async function newDirectory(context: TestContext): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'millrace-sqlite-'));
  context.after(() => rm(parent, { recursive: true }));
  return join(parent, 'store');
}

function open(directory: string, options: Partial<SqliteStoreOptions> = {}): Promise<SqliteStore> {
  return openSqliteStore({ directory, clock: systemClock, log: silentLogger, ...options });
}

/** Runs `change` on the closed store's database, as a failing disk or a curious person would. */
function tamper(directory: string, change: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(join(directory, 'store.db'));
  change(database);
  database.close();
}

test('a second store on the same directory is refused with an error that names it', async (context) => {
  const directory = await newDirectory(context);
  {
    await using store = await open(directory);
    store.commit(putOf('a'));
    await assert.rejects(open(directory), (error: Error) => {
      assert.ok(error instanceof StoreFailedError);
      assert.ok(error.message.includes(directory));
      return true;
    });
    // The refused opener must not have broken the lock of the first.
    await assert.rejects(open(directory), StoreFailedError);
  }
  await using store = await open(directory);
  assert.equal(textOf(store.get('a')), 'value of a');
});

test('the directory and all its files are for their owner alone', async (context) => {
  const directory = await newDirectory(context);
  await using store = await open(directory);
  await store.whenDurable(store.commit(putOf('a')));
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  const modes = readdirSync(directory).map((name) => [name, statSync(join(directory, name)).mode & 0o777]);
  assert.deepEqual(
    modes.filter(([, mode]) => mode !== 0o600),
    [],
  );
  assert.ok(readdirSync(directory).includes('store.db-wal'));
});

test('a directory that cannot be made is refused with an error that names it', async (context) => {
  const directory = await newDirectory(context);
  writeFileSync(directory, 'a file in its place');
  await assert.rejects(open(directory), (error: Error) => error.message.includes(directory));
});

test('a store of another format is left alone', async (context) => {
  const directory = await newDirectory(context);
  await (await open(directory)).close();
  tamper(directory, (database) => database.exec('PRAGMA user_version = 99'));
  await assert.rejects(open(directory), /format 99/);
});

test('batches that come while a commit is being written share the next one', async (context) => {
  await using store = await open(await newDirectory(context));
  const first = store.commit(putOf('a'));
  const second = await new Promise<number>((resolve) => {
    // Two turns on, the first has been sent and cannot have come back yet.
    setImmediate(() => setImmediate(() => resolve(store.commit(putOf('b')))));
  });
  assert.equal(second, first + 1);
  await store.whenDurable(second);
  assert.equal(store.durablePosition, second);
});

test('a damaged record is reported, throws when it is asked for, and is left out of ranges', async (context) => {
  const directory = await newDirectory(context);
  {
    await using store = await open(directory);
    for (const key of ['a', 'b', 'c', 'd']) store.commit(putOf(key));
    await store.settle();
  }
  tamper(directory, (database) => {
    const { value } = database.prepare("SELECT value FROM record WHERE key = x'62'").get() as {
      value: Uint8Array;
    };
    value[9] = (value[9] ?? 0) ^ 1;
    database.prepare("UPDATE record SET value = ? WHERE key = x'62'").run(value);
    // A record that lies under the key of another is whole, and wrong all the same.
    database.exec("UPDATE record SET value = (SELECT value FROM record WHERE key = x'61') WHERE key = x'64'");
  });
  const corrupt: Key[] = [];
  await using store = await open(directory);
  store.onCorrupt((key) => corrupt.push(key));
  assert.throws(() => store.get('b'), CorruptRecordError);
  assert.deepEqual(corrupt, ['b']);
  assert.deepEqual(
    store.range('a', 'z').map((entry) => entry.key),
    ['a', 'c'],
  );
  assert.deepEqual(corrupt, ['b', 'b', 'd']);
  assert.deepEqual(await store.verify(), { records: 4, corruptKeys: ['b', 'd'] });
  assert.deepEqual(await store.scrub(''), { records: 4, corruptKeys: ['b', 'd'], next: undefined });
  assert.deepEqual(await store.scrub('c'), { records: 2, corruptKeys: ['d'], next: undefined });
  assert.deepEqual(corrupt, ['b', 'b', 'd']);
  // Writing it anew mends it.
  store.commit(putOf('b', 'new'));
  assert.equal(textOf(store.get('b')), 'new');
});

test('no flipped bit in the database makes a read answer a wrong value', async (context) => {
  const directory = await newDirectory(context);
  const keys = Array.from({ length: 400 }, (_, index) => `key-${String(index).padStart(3, '0')}`);
  {
    await using store = await open(directory);
    store.commit({ puts: keys.flatMap((key) => putOf(key).puts), deletes: [] });
    await store.settle();
  }
  const image = readFileSync(join(directory, 'store.db'));
  const seed = 7;
  const random = seededRandom(seed);
  for (let round = 0; round < 40; round += 1) {
    const bit = randomBelow(random, image.length * 8);
    const flipped = Buffer.from(image);
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const copy = join(directory, `copy-${round}`);
    mkdirSync(copy);
    writeFileSync(join(copy, 'store.db'), flipped);
    await checkNoWrongValue(copy, keys, `seed ${seed}, round ${round}, bit ${bit}`);
  }
});

async function checkNoWrongValue(directory: string, keys: readonly Key[], hint: string): Promise<void> {
  let store: SqliteStore;
  try {
    store = await open(directory);
  } catch (error) {
    // Refusing to open is right as well.
    assert.ok(error instanceof StoreFailedError, hint);
    return;
  }
  try {
    for (const key of keys) {
      const value = valueOrDamage(store, key);
      if (typeof value === 'string') assert.equal(value, `value of ${key}`, hint);
    }
  } finally {
    await store.close();
  }
}

function valueOrDamage(store: SqliteStore, key: Key): string | undefined | CorruptRecordError {
  try {
    return textOf(store.get(key));
  } catch (error) {
    if (error instanceof CorruptRecordError) return error;
    throw error;
  }
}

test('a damaged journal keeps the store closed and says which commit it is', async (context) => {
  const directory = await newDirectory(context);
  let position: number;
  {
    await using store = await open(directory);
    await store.whenDurable(store.commit(putOf('a')));
    position = store.commit(putOf('b'));
    await store.whenDurable(position);
    await store.whenDurable(store.commit(putOf('c')));
  }
  copyFileSync(join(directory, 'store.db'), join(directory, 'intact.db'));
  tamper(directory, (database) => {
    const row = database.prepare('SELECT batch FROM journal WHERE position = ?').get(position);
    const { batch } = row as { batch: Uint8Array };
    batch[batch.length - 1] = (batch.at(-1) ?? 0) ^ 4;
    database.prepare('UPDATE journal SET batch = ? WHERE position = ?').run(batch, position);
  });
  await assert.rejects(open(directory), new RegExp(`damaged at commit ${position}`));
  copyFileSync(join(directory, 'intact.db'), join(directory, 'store.db'));
  tamper(directory, (database) => database.prepare('DELETE FROM journal WHERE position = ?').run(position));
  await assert.rejects(open(directory), new RegExp(`damaged at commit ${position}`));
});

test('a store that opens with a long journal reads right from the first moment', async (context) => {
  const directory = await newDirectory(context);
  await (await open(directory)).close();
  // More than a generation holds, so that the writer has reason to apply and drop it as soon as it is open; and
  // always the same two records, so that it would be done with that before the main thread has read all rows.
  const rows = 6000;
  const filler = { key: 'filler', value: Buffer.alloc(4000) };
  tamper(directory, (database) => {
    const insert = database.prepare('INSERT INTO journal VALUES (?, ?)');
    database.exec('BEGIN');
    for (let row = 1; row <= rows; row += 1)
      insert.run(row, encodeBatch({ puts: [filler, ...putOf('last', String(row)).puts], deletes: [] }));
    database.exec('COMMIT');
  });
  await using store = await open(directory);
  assert.equal(textOf(store.get('last')), String(rows));
  await store.settle();
  assert.equal(textOf(store.get('last')), String(rows));
});

/** A clock whose monotonic time a test moves by hand. */
function movableClock(): Clock & { ms: number } {
  return {
    ms: 0,
    now: () => systemClock.now(),
    monotonicMs() {
      return this.ms;
    },
    callAt: (atMs, callback) => systemClock.callAt(atMs, callback),
  };
}

test('a nearly full disk turns new work away first, then records, and never deletes', async (context) => {
  const clock = movableClock();
  let freeMib = 100;
  const options = { clock, freeBytes: () => freeMib * 2 ** 20 };
  await using store = await open(await newDirectory(context), options);
  assert.equal(store.acceptsWrites, true);
  store.commit(putOf('a'));
  freeMib = 63;
  clock.ms += 1000;
  assert.equal(store.acceptsWrites, false);
  store.commit(putOf('b'));
  freeMib = 15;
  clock.ms += 1000;
  const position = store.nextPosition;
  assert.throws(() => store.commit(putOf('c')), DiskFullError);
  assert.equal(store.get('c'), undefined);
  await store.whenDurable(store.commit({ puts: [], deletes: ['a'] }));
  assert.equal(store.durablePosition, position);
  assert.equal(textOf(store.get('b')), 'value of b');
  freeMib = 100;
  clock.ms += 1000;
  assert.equal(store.acceptsWrites, true);
  await store.whenDurable(store.commit(putOf('c')));
});

test('a failed commit rejects who waits, is reported once, and refuses whatever comes later', async (context) => {
  const directory = await newDirectory(context);
  const store = await open(directory);
  await store.whenDurable(store.commit(putOf('a')));
  // Pulls the table from under the writer: its next insert fails.
  tamper(directory, (database) => database.exec('DROP TABLE journal'));
  const failures: Error[] = [];
  store.onFailure((error) => failures.push(error));
  const position = store.commit(putOf('b'));
  await assert.rejects(store.whenDurable(position), StoreFailedError);
  assert.throws(() => store.commit(putOf('c')), StoreFailedError);
  await assert.rejects(store.whenDurable(position), StoreFailedError);
  await assert.rejects(store.close(), StoreFailedError);
  assert.equal(failures.length, 1);
});

test('a backup holds everything committed before it, applied or not, and opens as a store', async (context) => {
  const directory = await newDirectory(context);
  const copy = join(directory, '..', 'copy');
  mkdirSync(copy);
  const path = join(copy, 'store.db');
  {
    await using store = await open(directory);
    store.commit(putOf('applied'));
    await store.settle();
    store.commit(putOf('pending'));
    await store.backup(path);
    store.commit(putOf('later'));
    await assert.rejects(store.backup(path), /EEXIST/);
  }
  assert.equal(statSync(path).mode & 0o777, 0o600);
  await using store = await open(copy);
  assert.deepEqual(
    store.range('a', 'z').map((entry) => entry.key),
    ['applied', 'pending'],
  );
});

test('a record that is deleted soon never reaches the table', async (context) => {
  const directory = await newDirectory(context);
  await (await open(directory)).close();
  // A writer that touched the table for one of these would die of it.
  tamper(directory, (database) =>
    database.exec(`CREATE TRIGGER watch BEFORE INSERT ON record WHEN NEW.key < x'6d'
      BEGIN SELECT RAISE(ABORT, 'a short-lived record reached the table'); END`),
  );
  {
    await using store = await open(directory);
    for (let index = 0; index < 50; index += 1) {
      store.commit(putOf(`fleeting-${index}`));
      await store.whenDurable(
        store.commit({ puts: [putOf('w').puts[0] as Entry], deletes: [`fleeting-${index}`] }),
      );
    }
    await store.settle();
    assert.deepEqual(await store.verify(), { records: 1, corruptKeys: [] });
    // The control: one that stays does reach it.
    store.commit(putOf('lasting'));
    await assert.rejects(store.settle(), /reached the table/);
  }
});

test('a closed store leaves nothing in the WAL', async (context) => {
  const directory = await newDirectory(context);
  const store = await open(directory);
  store.commit(putOf('a'));
  await store.close();
  assert.ok(!existsSync(join(directory, 'store.db-wal')));
});

test('a store that is closed right after much was committed ends all its threads', async (context) => {
  const directory = await newDirectory(context);
  const threads = () => process.getActiveResourcesInfo().filter((kind) => kind === 'MessagePort').length;
  const before = threads();
  const store = await open(directory);
  // Enough to make a checkpoint due while the store is closing.
  store.commit({ puts: [{ key: 'large', value: Buffer.alloc(5 * 2 ** 20) }], deletes: [] });
  await store.close();
  assert.equal(threads(), before);
});

test('what crashes have left in the WAL is moved into the database, however short the lives between them', async (context) => {
  const directory = await newDirectory(context);
  const crashed = join(directory, '..', 'crashed');
  {
    await using store = await open(directory);
    // Less than what makes a life ask for a checkpoint of its own; applied, it is more.
    for (let count = 0; count < 3; count += 1) {
      await store.whenDurable(store.commit(putOf(`big ${count}`, 'x'.repeat(2 ** 20))));
    }
    await store.settle();
    mkdirSync(crashed);
    for (const name of ['store.db', 'store.db-wal']) copyFileSync(join(directory, name), join(crashed, name));
  }
  const sizeBytes = () => statSync(join(crashed, 'store.db')).size;
  assert.ok(sizeBytes() < 2 ** 20, 'everything is in the WAL still');
  await using store = await open(crashed);
  await store.whenDurable(store.commit(putOf('a')));
  await store.settle();
  // The checkpoint has been asked for, and what checks the records does so after it.
  await store.verify();
  assert.ok(sizeBytes() > 3 * 2 ** 20, `${sizeBytes()} bytes`);
});

test('a group of many requests leaves before the turn ends, but never within one of them', async (context) => {
  await using store = await open(await newDirectory(context));
  const announced = store.nextPosition;
  for (let index = 0; index < 20; index += 1) assert.equal(store.commit(putOf(`a${index}`)), announced);
  assert.equal(store.nextPosition, announced);
  await Promise.resolve();
  assert.equal(store.nextPosition, announced + 1, 'what comes now fills the next group');
  for (let index = 0; index < 20; index += 1) assert.equal(store.commit(putOf(`b${index}`)), announced + 1);
  await store.whenDurable(announced + 1);
  assert.equal(store.durablePosition, announced + 1);
});
