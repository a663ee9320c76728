/**
 * The thread for what takes long and must hold up neither reads nor commits: checkpoints (PASSIVE: they never wait
 * and nobody waits for them), backups, and the check of every record. One at a time, on a connection of its own.
 */
import { chmodSync, closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { errorMessage } from '../../base/errors.ts';
import { syncDirectory } from '../../base/sync-directory.ts';
import { openRecord } from '../sealed-record.ts';
import type { Key, ScrubReport, VerifyReport } from '../store.ts';
import type { HelperCommand, HelperReport, WriterOptions } from './messages.ts';

const SQLITE_IOERR = 10;

const { files, synchronous } = workerData as WriterOptions;
const database = new DatabaseSync(files.database, { timeout: 5000 });
database.exec(`PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = ${synchronous}`);

/** The bytes that the WAL holds now, copied to the database or not. */
function checkpoint(): number {
  const [row] = database.prepare('PRAGMA wal_checkpoint(PASSIVE)').all();
  const page = database.prepare('PRAGMA page_size').get();
  return Number(row?.['log']) * Number(page?.['page_size']);
}

/** The copy holds the journal, too: what was not applied yet is applied when the copy is opened. */
function backup(path: string): void {
  // Fails when there is such a file, and makes it private from its first byte on.
  closeSync(openSync(path, 'wx', 0o600));
  database.prepare('VACUUM INTO ?').run(path);
  chmodSync(path, 0o600);
  // VACUUM leaves the copy to the kernel; a backup that a power failure can take back is none.
  const copy = openSync(path, 'r');
  fsyncSync(copy);
  closeSync(copy);
  syncDirectory(dirname(path));
}

/** Of one slice of a scrub, whichever comes first: records, and bytes, so that a checkpoint does not wait long. */
const SCRUB_RECORDS_MAX = 1000;
const SCRUB_SIZE_BYTES_MAX = 4 * 2 ** 20;

interface Bounds {
  readonly recordsMax: number;
  readonly sizeBytesMax: number;
}

function check(from: Key, { recordsMax, sizeBytesMax }: Bounds): ScrubReport {
  const statement = database.prepare('SELECT key, value FROM record WHERE key >= ? ORDER BY key');
  let records = 0;
  let sizeBytes = 0;
  const corruptKeys: Key[] = [];
  for (const row of statement.iterate(Buffer.from(from, 'latin1'))) {
    const { key, value } = row as unknown as { key: Uint8Array; value: Uint8Array };
    const text = Buffer.from(key).toString('latin1');
    if (records >= recordsMax || sizeBytes >= sizeBytesMax) return { records, corruptKeys, next: text };
    records += 1;
    sizeBytes += value.length;
    if (openRecord(text, value) === undefined) corruptKeys.push(text);
  }
  return { records, corruptKeys, next: undefined };
}

function verify(): VerifyReport {
  const { records, corruptKeys } = check('', { recordsMax: Infinity, sizeBytesMax: Infinity });
  return { records, corruptKeys };
}

function perform(command: Exclude<HelperCommand, { kind: 'close' }>): unknown {
  switch (command.kind) {
    case 'checkpoint':
      return checkpoint();
    case 'backup':
      return backup(command.path);
    case 'verify':
      return verify();
    case 'scrub':
      return check(command.from, { recordsMax: SCRUB_RECORDS_MAX, sizeBytesMax: SCRUB_SIZE_BYTES_MAX });
  }
}

/** No room is not one: then the next checkpoint can do it. A failed fsync must not be tried again. */
function isDiskFailure(error: unknown): boolean {
  // The low byte of an extended code is the plain one: https://sqlite.org/rescode.html#extrc
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_IOERR;
}

parentPort?.on('message', (command: HelperCommand) => {
  if (command.kind === 'close') {
    database.close();
    parentPort?.close();
    return;
  }
  let report: HelperReport;
  try {
    report = { kind: 'done', id: command.id, result: perform(command) };
  } catch (error) {
    const kind = command.kind === 'checkpoint' && isDiskFailure(error) ? 'diskFailed' : 'refused';
    report = { kind, id: command.id, message: errorMessage(error) };
  }
  parentPort?.postMessage(report);
});
