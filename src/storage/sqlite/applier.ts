/**
 * Brings committed mutations from the journal to the table, a slice at a time. The writer adds each commit and
 * calls `slice` when it has nothing to write; nobody else touches the table.
 *
 * Commits gather in the filling generation. When that is old or large enough it is sealed, a new one starts to
 * fill, and slices work the sealed one off: first its ranges, then its records in key order, then its journal rows.
 * A key that the filling generation holds again is left to that one, so what lives shorter than a generation is
 * never written to the table.
 *
 * A crash in between is harmless: journal rows go last, so all that a half-applied generation changed is still in
 * the journal, and replaying the rows in order ends in the same table.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Clock } from '../../base/clock.ts';
import { sealRecord } from '../sealed-record.ts';
import type { Key, Position } from '../store.ts';
import { setSynchronous } from './database.ts';
import { Generation } from './generation.ts';

/** A generation is sealed at this age: longer saves more work, and costs memory and time at recovery. */
const GENERATION_AGE_MS = 500;
const GENERATION_SIZE_BYTES = 16 * 2 ** 20;
/** Readers look at every range that is not applied yet. */
const GENERATION_RANGES_MAX = 64;

/** With this much unapplied the writer applies before it takes another commit: the bound of everybody's overlay. */
export const UNAPPLIED_SIZE_BYTES_MAX = 64 * 2 ** 20;

/** A slice ends with writing every page that it touched, so longer ones write less; a commit may have to wait for one. */
const SLICE_MS = 2;
/** The share of time for slices while commits come in, from an empty to a full backlog: it settles where it must be. */
const DUTY_MIN = 0.1;
const DUTY_GROWTH = 2;
/** Mutations between looks at the clock. */
const MUTATIONS_PER_LOOK = 8;

const ROWS_PER_RANGE_DELETE = 200;
const JOURNAL_BYTES_PER_DELETE = 2 ** 20;

/** The steps that are left of a sealed generation. */
interface Work {
  readonly generation: Generation;
  readonly keys: Generator<Key, void, undefined>;
  rangeIndex: number;
  commitIndex: number;
  isTableDone: boolean;
}

export interface ApplierOptions {
  readonly database: DatabaseSync;
  readonly clock: Clock;
  /** Switches fsync off for the applier's transactions: see `slice`. */
  readonly isSynchronous: boolean;
  /** `UNAPPLIED_SIZE_BYTES_MAX`, but for tests. */
  readonly unappliedSizeBytesMax: number;
  /** The table has everything up to the position. */
  readonly onApplied: (position: Position) => void;
}

export class Applier {
  readonly #options: ApplierOptions;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #deleteRange: StatementSync;
  readonly #dropJournal: StatementSync;
  readonly #setDropped: StatementSync;
  #filling: Generation;
  #work: Work | undefined;
  #settleBefore: Position = 0;
  #unappliedBytes = 0;
  #restUntilMs = 0;

  constructor(options: ApplierOptions) {
    const { database, clock } = options;
    this.#options = options;
    this.#filling = new Generation(clock.monotonicMs());
    this.#put = database.prepare(
      'INSERT INTO record VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    );
    this.#delete = database.prepare('DELETE FROM record WHERE key = ?');
    this.#deleteRange = database.prepare(
      `DELETE FROM record WHERE key IN
        (SELECT key FROM record WHERE key >= ? AND key < ? ORDER BY key LIMIT ${ROWS_PER_RANGE_DELETE})`,
    );
    this.#dropJournal = database.prepare('DELETE FROM journal WHERE position <= ?');
    this.#setDropped = database.prepare('UPDATE progress SET droppedPosition = ?');
  }

  /** Takes a commit that is in the journal. `batch` belongs to the applier from now on. */
  add(position: Position, batch: Uint8Array): void {
    if (this.#filling.isEmpty) this.#filling = new Generation(this.#options.clock.monotonicMs());
    this.#filling.add(position, batch);
    this.#unappliedBytes += batch.length;
  }

  /** Apply all up to `position` without waiting for it to grow old. */
  settle(position: Position): void {
    this.#settleBefore = position;
  }

  get isOverfull(): boolean {
    return this.#unappliedBytes > this.#options.unappliedSizeBytesMax;
  }

  /** Milliseconds until there is something to do: 0 for now, undefined while there is nothing at all. */
  get dueInMs(): number | undefined {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#work !== undefined) return Math.max(0, this.#restUntilMs - nowMs);
    const { commits, sizeBytes, ranges, startedMs } = this.#filling;
    const [oldest] = commits;
    if (oldest === undefined) return undefined;
    const isDue =
      oldest.position <= this.#settleBefore ||
      sizeBytes > GENERATION_SIZE_BYTES ||
      this.isOverfull ||
      ranges.length > GENERATION_RANGES_MAX;
    return isDue ? 0 : Math.max(0, startedMs + GENERATION_AGE_MS - nowMs);
  }

  /**
   * Works for a while and commits what it did. It does so without waiting for the disk: should the power fail, the
   * WAL loses this transaction as a whole and the journal rows that it dropped are back. The fsync of the next
   * commit covers it.
   */
  slice(): void {
    const { database, clock, isSynchronous } = this.#options;
    this.#work ??= this.#seal();
    const work = this.#work;
    const deadlineMs = clock.monotonicMs() + SLICE_MS;
    if (isSynchronous) setSynchronous(database, 'NORMAL');
    database.exec('BEGIN IMMEDIATE');
    let isMore = true;
    do {
      for (let count = 0; isMore && count < MUTATIONS_PER_LOOK; count += 1) isMore = this.#step(work);
    } while (isMore && clock.monotonicMs() < deadlineMs);
    database.exec('COMMIT');
    if (isSynchronous) setSynchronous(database, 'FULL');
    const duty = DUTY_MIN + (DUTY_GROWTH * this.#unappliedBytes) / this.#options.unappliedSizeBytesMax;
    this.#restUntilMs = clock.monotonicMs() + SLICE_MS * (1 / duty - 1);
    if (!isMore) this.#finish(work);
  }

  #seal(): Work {
    const generation = this.#filling;
    this.#filling = new Generation(this.#options.clock.monotonicMs());
    return { generation, keys: generation.keys(), rangeIndex: 0, commitIndex: 0, isTableDone: false };
  }

  /** Does one small thing; false when there was nothing left to do. */
  #step(work: Work): boolean {
    if (work.isTableDone) return this.#dropSomeJournal(work);
    const range = work.generation.ranges[work.rangeIndex];
    if (range !== undefined) {
      const [from, to] = range;
      const { changes } = this.#deleteRange.run(Buffer.from(from, 'latin1'), Buffer.from(to, 'latin1'));
      if (changes < ROWS_PER_RANGE_DELETE) work.rangeIndex += 1;
      return true;
    }
    const { value: key, done } = work.keys.next();
    if (done === true) work.isTableDone = true;
    else if (!this.#filling.has(key)) this.#apply(key, work.generation.get(key));
    return true;
  }

  #apply(key: Key, room: Buffer | undefined): void {
    const keyBytes = Buffer.from(key, 'latin1');
    if (room === undefined) {
      this.#delete.run(keyBytes);
    } else {
      sealRecord(key, room);
      this.#put.run(keyBytes, room);
    }
  }

  #dropSomeJournal(work: Work): boolean {
    const { commits } = work.generation;
    let sizeBytes = 0;
    let position: Position | undefined;
    for (; work.commitIndex < commits.length && sizeBytes < JOURNAL_BYTES_PER_DELETE; work.commitIndex += 1) {
      const commit = commits[work.commitIndex];
      position = commit?.position;
      sizeBytes += commit?.sizeBytes ?? 0;
    }
    if (position === undefined) return false;
    this.#dropJournal.run(position);
    this.#setDropped.run(position);
    return true;
  }

  #finish(work: Work): void {
    this.#work = undefined;
    this.#unappliedBytes -= work.generation.sizeBytes;
    const last = work.generation.commits.at(-1);
    work.generation.release();
    if (last !== undefined) this.#options.onApplied(last.position);
  }
}
