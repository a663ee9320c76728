/**
 * The Store: an ordered, durable key-value store with atomic batches. It is the whole contract between the
 * engine and the disk, and the only one; it knows no AWS word. `contract.ts` holds the suite that every
 * backend passes.
 *
 * Commits are grouped. `commit` makes a batch visible to this process's reads at once and answers with the
 * position that will make it durable; batches that arrive while one is being written share the next position.
 * Nobody outside this process may learn of a batch before `whenDurable` of its position has resolved.
 */

/** Bytes as a string of characters 0-255, made by `keys.ts`: comparing keys compares their bytes. */
export type Key = string;

/** Bytes of a record, made by `codec.ts`. The store adds version and checksum of its own. Never mutate one. */
export type Value = Uint8Array;

/** The number of a group commit; 0 is before the first. */
export type Position = number;

export interface Entry {
  readonly key: Key;
  readonly value: Value;
}

/** Ranges are removed first, then keys deleted, then records put. A key occurs at most once in puts and deletes. */
export interface Batch {
  readonly puts: readonly Entry[];
  readonly deletes: readonly Key[];
  /** Pairs of first key and the key after the last. */
  readonly deleteRanges?: readonly (readonly [from: Key, to: Key])[];
  /** The committer's lease. A store that has handed out a higher epoch throws `StaleEpochError` for the batch. */
  readonly lease?: Pick<Lease, 'name' | 'epoch'>;
}

export interface RangeOptions {
  /** Entries at the most. Default: no bound. */
  readonly limit?: number;
  /** From the last key to the first. Default: false. */
  readonly reverse?: boolean;
}

export interface Lease {
  readonly name: string;
  readonly owner: string;
  /** Grows with each new owner. */
  readonly epoch: number;
  /** By the store's clock, milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

/** What `verify` found: records read, and the keys of those whose checksum does not fit. */
export interface VerifyReport {
  readonly records: number;
  readonly corruptKeys: readonly Key[];
}

/** What `scrub` found in one slice. */
export interface ScrubReport extends VerifyReport {
  /** Where the next slice begins; undefined at the end. */
  readonly next: Key | undefined;
}

export interface CommittedChange {
  readonly position: Position;
  readonly batch: Batch;
}

export interface Store extends AsyncDisposable {
  /** The position that a batch committed now will get. It stays the same within one synchronous turn. */
  readonly nextPosition: Position;
  /** The highest position that a batch has got: all that can be read now is durable once it is. */
  readonly lastPosition: Position;
  /** The highest position that is on disk. */
  readonly durablePosition: Position;
  /**
   * False while the disk is nearly full. Whoever admits new work asks before it changes anything; work that was
   * admitted, deletes and reads go on with what is left, and `commit` refuses nothing yet.
   */
  readonly acceptsWrites: boolean;
  /**
   * True while so much has been committed and is not on disk that memory should take no more (`backlog.ts`). Whoever
   * brings new work waits until it is false, which `onCommit` tells; work that was admitted goes on.
   */
  readonly isBehind: boolean;

  /** Throws `CorruptRecordError` when the record's checksum does not fit. */
  get(key: Key): Value | undefined;
  getMany(keys: readonly Key[]): (Value | undefined)[];
  /** Entries with `from <= key < to` in key order. Corrupt records are left out and reported. */
  range(from: Key, to: Key, options?: RangeOptions): Entry[];

  /** Visible to this process at once; durable when `whenDurable` of the answer resolves. */
  commit(batch: Batch): Position;
  /** Rejects when the store has failed: the outcome of its position is then unknown. */
  whenDurable(position: Position): Promise<void>;
  /** Calls back, in order, after each group commit is durable. Answers the unsubscribe function. */
  onCommit(subscriber: (position: Position) => void): () => void;
  /** Calls back once when a commit failed or the writer died; every later commit is refused. */
  onFailure(subscriber: (error: Error) => void): void;
  /** Calls back with the key of each record whose checksum does not fit, whenever one is read. It must not throw. */
  onCorrupt(subscriber: (key: Key) => void): void;

  /**
   * Takes or keeps the named lease; `undefined` while somebody else holds it. Where one process at a time has the
   * store, nobody does who held one before it was opened; the epoch grows all the same.
   */
  lease(name: string, owner: string, ttlMs: number): Promise<Lease | undefined>;
  /** `undefined` when the lease has meanwhile been taken by a higher epoch. */
  renew(lease: Lease, ttlMs: number): Promise<Lease | undefined>;
  release(lease: Lease): Promise<void>;

  /** The commits after `from` that the journal still holds, in order; a jump in positions tells that some have left. */
  changes(from: Position): AsyncIterable<CommittedChange>;
  /** Writes a consistent copy to `path`, which must not exist. */
  backup(path: string): Promise<void>;
  /** Reads every record and checks it. */
  verify(): Promise<VerifyReport>;
  /** Checks up to 1,000 records of the table from `from` on. It tells nobody else of what it finds. */
  scrub(from: Key): Promise<ScrubReport>;
  /** Waits until everything committed is durable, then lets go of the files. */
  close(): Promise<void>;
}

/** A record whose bytes are not those that were written. It is quarantined and reported, never guessed over. */
export class CorruptRecordError extends Error {
  override readonly name = 'CorruptRecordError';
  readonly key: Key;

  constructor(key: Key) {
    super(`the record at key ${JSON.stringify(key)} does not fit its checksum`);
    this.key = key;
  }
}

/** The batch comes from an owner that has been deposed; nothing of it was applied. */
export class StaleEpochError extends Error {
  override readonly name = 'StaleEpochError';

  constructor(lease: Pick<Lease, 'name' | 'epoch'>, epoch: number) {
    super(`epoch ${lease.epoch} of the lease ${lease.name} has been superseded by epoch ${epoch}`);
  }
}

/** There is no room left on the disk for this batch; nothing of it was applied, and the store goes on. */
export class DiskFullError extends Error {
  override readonly name = 'DiskFullError';
}

/** The store can no longer write: a commit failed, the disk is full, or another process owns the directory. */
export class StoreFailedError extends Error {
  override readonly name = 'StoreFailedError';
}
