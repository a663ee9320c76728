/** The files of a SQLite store: where they lie, who may read them, how their connections are set up. */
import { existsSync, mkdirSync, openSync, closeSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { errorMessage } from '../../base/errors.ts';
import { syncDirectory } from '../../base/sync-directory.ts';
import { StoreFailedError } from '../store.ts';
import type { Position } from '../store.ts';
import { readDurableMark } from './durable-mark.ts';

/** `OFF` is for tests that prove what `FULL` is good for: it loses commits when the power fails. */
export type Synchronous = 'FULL' | 'OFF';

/** Counts up when the tables change in a way that older programs cannot read. */
const SCHEMA_VERSION = 1;

/**
 * `record` holds what has been applied, `journal` the commits that may not all have been, `progress` the position
 * up to which the journal has been dropped (so that positions go on after a restart with an empty journal).
 */
const SCHEMA = `
  CREATE TABLE record (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID, STRICT;
  CREATE TABLE journal (position INTEGER PRIMARY KEY, batch BLOB NOT NULL) STRICT;
  CREATE TABLE progress (id INTEGER PRIMARY KEY CHECK (id = 1), droppedPosition INTEGER NOT NULL) STRICT;
  CREATE TABLE lease (name TEXT PRIMARY KEY, owner TEXT NOT NULL, epoch INTEGER NOT NULL, expiresAtMs INTEGER NOT NULL)
    WITHOUT ROWID, STRICT;
  INSERT INTO progress VALUES (1, 0);
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

export interface StoreFiles {
  readonly directory: string;
  readonly database: string;
  readonly wal: string;
  readonly lock: string;
  /** Tells people which process holds the lock; the lock itself is what counts. */
  readonly owner: string;
  /** How far commits were told to be durable (`durable-mark.ts`). */
  readonly mark: string;
}

/** https://sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

export function storeFiles(directory: string): StoreFiles {
  const database = join(directory, 'store.db');
  return {
    directory,
    database,
    wal: `${database}-wal`,
    lock: join(directory, 'lock.db'),
    owner: join(directory, 'owner.pid'),
    mark: join(directory, 'durable.mark'),
  };
}

/** Creates the directory and the empty files, readable for their owner alone. SQLite's own files copy the mode. */
export function createFiles(files: StoreFiles): void {
  try {
    if (!existsSync(files.database)) {
      mkdirSync(files.directory, { recursive: true, mode: 0o700 });
      syncAncestors(files.directory);
    }
    for (const path of [files.lock, files.database]) {
      // Never open a file that exists: closing it would drop the locks that this process has on it (POSIX).
      if (!existsSync(path)) closeSync(openSync(path, 'wx', 0o600));
    }
  } catch (error) {
    throw new StoreFailedError(`cannot create the store in ${files.directory}: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}

/**
 * SQLite syncs the directory of its files, and nobody those above it: a power failure could take it back. All of them,
 * and not only those that were just made: the process that made them may have been killed before it got here.
 */
function syncAncestors(directory: string): void {
  const parent = dirname(directory);
  if (parent === directory) return;
  syncDirectory(parent);
  syncAncestors(parent);
}

/** Keeps every other process (and every other store of this one) out of the directory until it is closed. */
export function lockDirectory(files: StoreFiles): DatabaseSync {
  const lock = openLock(files);
  try {
    lock.exec('BEGIN EXCLUSIVE');
    writeFileSync(files.owner, `${process.pid}\n`, { mode: 0o600 });
    return lock;
  } catch (error) {
    lock.close();
    const isTaken = error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
    const what = isTaken
      ? `the directory ${files.directory} is in use by another process (its id is in ${files.owner})`
      : `cannot write to the directory ${files.directory}`;
    throw new StoreFailedError(`${what}: ${errorMessage(error)}`, { cause: error });
  }
}

function openLock(files: StoreFiles): DatabaseSync {
  try {
    return new DatabaseSync(files.lock, { timeout: 0 });
  } catch (error) {
    throw new StoreFailedError(`cannot open ${files.lock}: ${errorMessage(error)}`, { cause: error });
  }
}

/** The bytes of the file, 0 without it. */
export function sizeBytesOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Before SQLite looks: next to an empty database it deletes the WAL, and with it all that was in there. */
function assertNotEmptied(files: StoreFiles): void {
  if (sizeBytesOf(files.database) > 0) return;
  if (sizeBytesOf(files.wal) === 0 && readDurableMark(files.mark) === 0) return;
  throw new StoreFailedError(
    `${files.database} is missing or empty, and beside it are traces of records; put it back, or move what is left away`,
  );
}

/** `position` is the last that the journal holds. Throws when commits that were told to be durable are missing. */
export function assertComplete(files: StoreFiles, position: Position): void {
  const markedPosition = readDurableMark(files.mark);
  if (position >= markedPosition) return;
  throw new StoreFailedError(
    `the records in ${files.directory} end at commit ${position}, and commit ${markedPosition} was acknowledged: ` +
      `${files.wal} was deleted or cut short, or the database is an older copy. ` +
      `Put the files back; or delete ${files.mark} to go on without those commits`,
  );
}

/** The connection of the writer: the only one that changes anything. */
export function openForWriting(files: StoreFiles, synchronous: Synchronous): DatabaseSync {
  assertNotEmptied(files);
  const database = new DatabaseSync(files.database, { timeout: 5000 });
  database.exec('PRAGMA journal_mode = WAL');
  // The checkpointer does this on its own thread.
  database.exec('PRAGMA wal_autocheckpoint = 0');
  database.exec('PRAGMA cache_size = -32768');
  setSynchronous(database, synchronous);
  const version = database.prepare('PRAGMA user_version').get()?.['user_version'];
  if (version === 0) {
    database.exec('BEGIN IMMEDIATE');
    database.exec(SCHEMA);
    database.exec('COMMIT');
  } else if (version !== SCHEMA_VERSION) {
    database.close();
    throw new StoreFailedError(
      `${files.database} has format ${version}, and this program reads format ${SCHEMA_VERSION}`,
    );
  }
  return database;
}

export function setSynchronous(database: DatabaseSync, synchronous: Synchronous | 'NORMAL'): void {
  database.exec(`PRAGMA synchronous = ${synchronous}`);
}

/** A connection for reads on a thread that must not wait: it never takes a lock that a writer needs. */
export function openForReading(files: StoreFiles): DatabaseSync {
  const database = new DatabaseSync(files.database, { readOnly: true, timeout: 5000 });
  database.exec('PRAGMA cache_size = -8192');
  return database;
}
