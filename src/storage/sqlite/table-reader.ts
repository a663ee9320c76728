/**
 * Reads of the table, on the main thread, through a read-only connection. Checks every record. It knows nothing of
 * the overlay.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { openRecord } from '../sealed-record.ts';
import { CorruptRecordError } from '../store.ts';
import type { Entry, Key, Value } from '../store.ts';
import type { TableWalk } from '../overlay.ts';

/** Rows read at a time. A statement is never left open over a turn: that would hold up the reset of the WAL. */
const CHUNK_ROWS_MAX = 256;

/** https://sqlite.org/rescode.html#corrupt */
const SQLITE_CORRUPT = 11;

export interface WalkOptions {
  readonly limit: number;
  readonly reverse: boolean;
}

export class TableReader {
  readonly #get: StatementSync;
  readonly #forward: StatementSync;
  readonly #backward: StatementSync;
  readonly #onCorrupt: (key: Key) => void;

  constructor(database: DatabaseSync, onCorrupt: (key: Key) => void) {
    const range = 'SELECT key, value FROM record WHERE key >= ? AND key < ? ORDER BY key';
    this.#get = prepareArrays(database, 'SELECT value FROM record WHERE key = ?');
    this.#forward = prepareArrays(database, `${range} LIMIT ?`);
    this.#backward = prepareArrays(database, `${range} DESC LIMIT ?`);
    this.#onCorrupt = onCorrupt;
  }

  get(key: Key): Value | undefined {
    const row = this.#guard(key, () => this.#get.get(Buffer.from(key, 'latin1'))) as [Uint8Array] | undefined;
    if (row === undefined) return undefined;
    const value = openRecord(key, row[0]);
    if (value !== undefined) return value;
    this.#onCorrupt(key);
    throw new CorruptRecordError(key);
  }

  /** Walks `from <= key < to`. The limit is a hint: the walk goes on past it when it is asked to. */
  walk(from: Key, to: Key, { limit, reverse }: WalkOptions): TableWalk {
    let rows: [Uint8Array, Uint8Array][] = [];
    let index = 0;
    let bounds: [from: Key, to: Key] | undefined = [from, to];
    const chunkRows = Math.min(limit, CHUNK_ROWS_MAX);
    const next = (): Entry | undefined => {
      for (;;) {
        if (index === rows.length) {
          if (bounds === undefined) return undefined;
          rows = this.#chunk(bounds, chunkRows, reverse);
          index = 0;
          const last = rows.length < chunkRows ? undefined : latin1(rows[chunkRows - 1]?.[0]);
          // A zero byte more makes the next possible key.
          bounds = last === undefined ? undefined : reverse ? [from, last] : [`${last}\u0000`, to];
          if (rows.length === 0) return undefined;
        }
        const [keyBytes, sealed] = rows[index] as [Uint8Array, Uint8Array];
        index += 1;
        const key = latin1(keyBytes) as Key;
        const value = openRecord(key, sealed);
        if (value !== undefined) return { key, value };
        this.#onCorrupt(key);
      }
    };
    return { next };
  }

  /** Where the pages of the table are damaged themselves, what lies beyond is unknown: that is never left out. */
  #guard<T>(key: Key, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#onCorrupt(key);
      throw new CorruptRecordError(key);
    }
  }

  #chunk([from, to]: [Key, Key], limit: number, reverse: boolean): [Uint8Array, Uint8Array][] {
    const statement = reverse ? this.#backward : this.#forward;
    const bounds = [Buffer.from(from, 'latin1'), Buffer.from(to, 'latin1')] as const;
    const rows = this.#guard(from, () => statement.all(...bounds, limit));
    return rows as unknown as [Uint8Array, Uint8Array][];
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_CORRUPT;
}

function prepareArrays(database: DatabaseSync, sql: string): StatementSync {
  const statement = database.prepare(sql);
  statement.setReturnArrays(true);
  return statement;
}

function latin1(bytes: Uint8Array | undefined): Key | undefined {
  if (bytes === undefined) return undefined;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
