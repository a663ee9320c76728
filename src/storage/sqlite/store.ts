/**
 * The embedded store: SQLite with a journal. This file is its main-thread half: it answers reads, groups commits
 * and hands them to the writer thread, and tells who waits that they are durable.
 *
 * A commit goes into the overlay at once and into the filling group. The group is encoded and sent when the turn
 * ends, or, while another is being written, as soon as that one is durable. Reads look at the overlay first and at
 * the table second. Only the writer (`writer.ts`) changes the database; the helper (`helper.ts`) does what takes
 * long. `docs/adr/0001-one-journal-row-per-commit.md` tells why, with figures.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Worker } from 'node:worker_threads';
import type { Clock } from '../../base/clock.ts';
import { errorMessage } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { Backlog } from '../backlog.ts';
import { mergeBatches } from '../batch.ts';
import { decodeBatch, encodeBatch, isIntactBatch } from '../journal.ts';
import { LeaseTable } from '../leases.ts';
import { Overlay } from '../overlay.ts';
import { Positions } from '../positions.ts';
import { CorruptRecordError, DiskFullError, StoreFailedError } from '../store.ts';
import type {
  Batch,
  CommittedChange,
  Entry,
  Key,
  Lease,
  Position,
  RangeOptions,
  ScrubReport,
  Store,
  Value,
  VerifyReport,
} from '../store.ts';
import { createFiles, lockDirectory, openForReading, storeFiles } from './database.ts';
import type { StoreFiles, Synchronous } from './database.ts';
import { DiskGauge, freeBytesOf } from './disk-gauge.ts';
import { Helper } from './helper-client.ts';
import type { WriterCommand, WriterOptions, WriterReport } from './messages.ts';
import { TableReader } from './table-reader.ts';
import { Requests, startThread, threadEnd } from './threads.ts';

export interface SqliteStoreOptions {
  /** Created, with its parents, when it is missing; held by this store alone until it is closed. */
  readonly directory: string;
  /** For the ends of leases and the pace of looks at the disk. */
  readonly clock: Clock;
  readonly log: Logger;
  /** For tests that need to lose commits. Default: `FULL`. */
  readonly synchronous?: Synchronous;
  /** For tests that need a full disk. Default: asks the system. */
  readonly freeBytes?: () => number;
}

/** A SQLite store has what its tests and the operator's tools need besides the contract. */
export interface SqliteStore extends Store {
  /** Brings all that is durable to the table and resolves then. Nobody has to: it happens by itself. */
  settle(): Promise<void>;
}

/** Once the WAL holds this much, the writer pauses to let it start anew. */
const WAL_SIZE_BYTES_MAX = 64 * 2 ** 20;

/**
 * With so many batches a group leaves before the turn ends. Clients that wait for their answers come back together,
 * so without this one group would hold them all, and the main thread would have nothing to do while it is written.
 */
const EARLY_SEND_BATCHES = 8;

/** Recovers what a crash has left and resolves when the store can be used. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const files = storeFiles(options.directory);
  createFiles(files);
  const lock = lockDirectory(files);
  const workerData: WriterOptions = { files, synchronous: options.synchronous ?? 'FULL' };
  const writer = startThread('writer', workerData);
  try {
    const opened = await firstReport(writer, files);
    return new OpenSqliteStore({ options, files, lock, writer, opened, workerData });
  } catch (error) {
    await writer.terminate();
    lock.close();
    throw error;
  }
}

type Opened = WriterReport & { readonly kind: 'opened' };

function firstReport(writer: Worker, files: StoreFiles): Promise<Opened> {
  return new Promise((resolve, reject) => {
    writer.once('message', (report: WriterReport) => {
      if (report.kind === 'opened') resolve(report);
    });
    writer.once('error', (error) => {
      const message = `cannot open the store in ${files.directory}: ${errorMessage(error)}`;
      reject(new StoreFailedError(message, { cause: error }));
    });
  });
}

interface Parts {
  readonly options: SqliteStoreOptions;
  readonly files: StoreFiles;
  readonly lock: DatabaseSync;
  readonly writer: Worker;
  readonly opened: Opened;
  readonly workerData: WriterOptions;
}

class OpenSqliteStore implements SqliteStore {
  readonly #options: SqliteStoreOptions;
  readonly #lock: DatabaseSync;
  readonly #reader: DatabaseSync;
  readonly #table: TableReader;
  readonly #overlay = new Overlay();
  readonly #positions: Positions;
  readonly #leases: LeaseTable;
  readonly #disk: DiskGauge;
  readonly #writer: Worker;
  readonly #writerEnd: Promise<void>;
  readonly #helper: Helper;
  readonly #requests = new Requests();
  readonly #onCorrupt: ((key: Key) => void)[] = [];
  readonly #backlog = new Backlog();
  #filling: Batch[] = [];
  #isCommitInFlight = false;
  #isPruning = false;
  #closing: Promise<void> | undefined;
  /** The threads are being told to end: that they do is no failure, and nothing new is asked of them. */
  #isEnding = false;

  constructor({ options, files, lock, writer, opened, workerData }: Parts) {
    this.#options = options;
    this.#lock = lock;
    this.#writer = writer;
    this.#writerEnd = threadEnd(writer);
    this.#helper = new Helper(workerData, (message) => this.#fail(`a checkpoint failed: ${message}`));
    this.#reader = openForReading(files);
    this.#table = new TableReader(this.#reader, (key) => this.#reportCorrupt(key));
    this.#positions = new Positions(opened.position);
    this.#leases = new LeaseTable(opened.leases);
    this.#disk = new DiskGauge(options.clock, options.freeBytes ?? (() => freeBytesOf(files.directory)));
    writer.on('message', (report: WriterReport) => this.#receive(report));
    writer.on('error', (error) =>
      this.#fail(`the writer of the store failed: ${errorMessage(error)}`, error),
    );
    writer.on('exit', () => this.#fail('the writer of the store has ended'));
    for (const { position, batch } of this.#journal(0)) this.#overlay.add(position, batch);
    this.#command({ kind: 'start' });
  }

  get nextPosition(): Position {
    return this.#positions.next;
  }

  get lastPosition(): Position {
    return this.#positions.last;
  }

  get durablePosition(): Position {
    return this.#positions.durable;
  }

  get acceptsWrites(): boolean {
    return !this.#disk.isLow;
  }

  get isBehind(): boolean {
    return this.#backlog.isOver;
  }

  get(key: Key): Value | undefined {
    return this.#overlay.covers(key) ? this.#overlay.get(key) : this.#table.get(key);
  }

  getMany(keys: readonly Key[]): (Value | undefined)[] {
    return keys.map((key) => this.get(key));
  }

  range(from: Key, to: Key, options: RangeOptions = {}): Entry[] {
    const { limit = Infinity, reverse = false } = options;
    return this.#overlay.merge(from, to, {
      limit,
      reverse,
      table: this.#table.walk(from, to, { limit, reverse }),
    });
  }

  commit(batch: Batch): Position {
    this.#positions.assertWorking();
    this.#leases.check(batch);
    if (batch.puts.length > 0 && this.#disk.isExhausted)
      throw new DiskFullError(`there is no room left for records in ${this.#options.directory}`);
    const position = this.#positions.join();
    this.#overlay.add(position, batch);
    this.#filling.push(batch);
    this.#backlog.add(batch);
    // At the end of the turn, so that all requests that came in together share the commit.
    if (this.#filling.length === 1 && !this.#isCommitInFlight) setImmediate(() => this.#send());
    // Or earlier, but still between two requests: a synchronous piece of work gets one position.
    if (this.#filling.length === EARLY_SEND_BATCHES && !this.#isCommitInFlight)
      queueMicrotask(() => this.#send());
    return position;
  }

  #send(): void {
    if (this.#isCommitInFlight || this.#filling.length === 0) return;
    const batch = encodeBatch(mergeBatches(this.#filling)) as Buffer<ArrayBuffer>;
    this.#filling = [];
    this.#isCommitInFlight = true;
    this.#backlog.seal();
    this.#command({ kind: 'commit', position: this.#positions.seal(), batch }, [batch.buffer]);
  }

  #command(command: WriterCommand, transfer: readonly ArrayBuffer[] = []): void {
    this.#writer.postMessage(command, transfer);
  }

  #receive(report: WriterReport): void {
    switch (report.kind) {
      case 'opened':
        break;
      case 'durable':
        this.#isCommitInFlight = false;
        this.#backlog.written();
        this.#send();
        this.#positions.reached(report.position);
        break;
      case 'applied':
        this.#overlay.applied(report.position);
        if (!this.#isPruning) this.#prune();
        break;
      case 'done':
        this.#requests.answer(report.id);
        break;
      case 'checkpointDue':
        if (!this.#isEnding) void this.#checkpoint();
        break;
    }
  }

  /** A thousand entries a turn, so that requests get in between. */
  #prune(): void {
    this.#isPruning = this.#overlay.prune();
    if (this.#isPruning) setImmediate(() => this.#prune());
  }

  async #checkpoint(): Promise<void> {
    try {
      const walSizeBytes = await this.#helper.checkpoint();
      if (walSizeBytes > WAL_SIZE_BYTES_MAX && !this.#isEnding) this.#command({ kind: 'resetWal' });
    } catch (error) {
      // The WAL grows until one succeeds; nothing is lost by that.
      this.#options.log.error({ error: errorMessage(error) }, 'a checkpoint failed');
    }
  }

  #fail(message: string, cause?: unknown): void {
    if (this.#isEnding) return;
    const error = new StoreFailedError(message, { cause });
    this.#options.log.error({ error: message }, 'the store has failed');
    this.#requests.refuseAll(error);
    this.#positions.fail(error);
  }

  #reportCorrupt(key: Key): void {
    this.#options.log.error({ key }, 'a record does not fit its checksum');
    for (const subscriber of this.#onCorrupt) subscriber(key);
  }

  whenDurable(position: Position): Promise<void> {
    return this.#positions.whenDurable(position);
  }

  onCommit(subscriber: (position: Position) => void): () => void {
    return this.#positions.onCommit(subscriber);
  }

  onFailure(subscriber: (error: Error) => void): void {
    this.#positions.onFailure(subscriber);
  }

  onCorrupt(subscriber: (key: Key) => void): void {
    this.#onCorrupt.push(subscriber);
  }

  lease(name: string, owner: string, ttlMs: number): Promise<Lease | undefined> {
    return this.#storeLease(this.#leases.take(name, owner, { nowMs: this.#options.clock.now(), ttlMs }));
  }

  renew(lease: Lease, ttlMs: number): Promise<Lease | undefined> {
    return this.#storeLease(this.#leases.renew(lease, { nowMs: this.#options.clock.now(), ttlMs }));
  }

  async release(lease: Lease): Promise<void> {
    await this.#storeLease(this.#leases.release(lease));
  }

  async #storeLease(lease: Lease | undefined): Promise<Lease | undefined> {
    this.#positions.assertWorking();
    if (lease !== undefined)
      await this.#requests.ask((id) => this.#command({ kind: 'storeLease', id, lease }));
    return lease;
  }

  async settle(): Promise<void> {
    this.#positions.assertWorking();
    await this.whenDurable(this.lastPosition);
    await this.#requests.ask((id) => this.#command({ kind: 'settle', id }));
  }

  async *changes(from: Position): AsyncIterable<CommittedChange> {
    yield* this.#journal(from);
  }

  /** Reads a few rows at a time: no statement stays open while the caller works. */
  *#journal(from: Position): Generator<CommittedChange, void, undefined> {
    const statement = this.#reader.prepare(
      'SELECT position, batch FROM journal WHERE position > ? ORDER BY position LIMIT 16',
    );
    for (let after = from; ;) {
      const rows = statement.all(after) as unknown as { position: Position; batch: Uint8Array }[];
      for (const { position, batch } of rows) {
        if (!isIntactBatch(batch)) throw new CorruptRecordError(`journal row ${position}`);
        yield { position, batch: decodeBatch(batch) };
        after = position;
      }
      if (rows.length === 0) return;
    }
  }

  async backup(path: string): Promise<void> {
    await this.whenDurable(this.lastPosition);
    await this.#helper.backup(path);
  }

  async verify(): Promise<VerifyReport> {
    await this.settle();
    return this.#helper.verify();
  }

  scrub(from: Key): Promise<ScrubReport> {
    return this.#helper.scrub(from);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    try {
      await this.whenDurable(this.lastPosition);
    } finally {
      this.#isEnding = true;
      this.#positions.close();
      this.#reader.close();
      await this.#helper.close();
      // The writer closes last: the last connection moves the WAL into the database.
      this.#command({ kind: 'close' });
      await this.#writerEnd;
      this.#lock.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
