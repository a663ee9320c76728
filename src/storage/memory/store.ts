/**
 * The store in memory: for tests, simulation and throw-away regions. It behaves as a disk would: a batch is
 * readable at once and durable a little later, in groups. A `MemoryDisk` keeps what became durable beyond the
 * store's own life, so that a simulated crash (dropping the store unclosed) loses exactly what a real one would.
 */
import { systemClock } from '../../base/clock.ts';
import type { Clock } from '../../base/clock.ts';
import { Backlog } from '../backlog.ts';
import { mergeBatches } from '../batch.ts';
import { LeaseTable } from '../leases.ts';
import { OrderedMap } from '../ordered-map.ts';
import { Positions } from '../positions.ts';
import { StoreFailedError } from '../store.ts';
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

/** Group commits that `changes` can look back on. */
const JOURNAL_GROUPS_MAX = 1024;

/** What outlives a store: the durable records, leases and journal. */
export interface MemoryDisk {
  records: OrderedMap<Value>;
  readonly leases: Map<string, Lease>;
  readonly journal: CommittedChange[];
  position: Position;
}

export interface MemoryStoreOptions {
  /** For the ends of leases. Default: the system's. */
  readonly clock?: Clock;
  /** Default: an empty one, forgotten with the store. */
  readonly disk?: MemoryDisk;
  /** Does the writing of one group after as long as it takes. Default: at the end of the present turn. */
  readonly flush?: (write: () => void) => void;
}

export function createMemoryDisk(): MemoryDisk {
  return { records: new OrderedMap(), leases: new Map(), journal: [], position: 0 };
}

export function createMemoryStore(options: MemoryStoreOptions = {}): Store {
  const { disk = createMemoryDisk(), clock = systemClock, flush = queueMicrotask } = options;
  return new MemoryStore(disk, clock, flush);
}

class MemoryStore implements Store {
  readonly #disk: MemoryDisk;
  readonly #clock: Clock;
  readonly #flush: (write: () => void) => void;
  readonly #records = new OrderedMap<Value>();
  readonly #leases: LeaseTable;
  readonly #positions: Positions;
  readonly #backlog = new Backlog();
  #filling: Batch[] = [];
  #isWriting = false;

  constructor(disk: MemoryDisk, clock: Clock, flush: (write: () => void) => void) {
    this.#disk = disk;
    this.#clock = clock;
    this.#flush = flush;
    for (const key of disk.records.keys('', KEY_MAX)) this.#records.set(key, disk.records.get(key) as Value);
    this.#leases = new LeaseTable(disk.leases.values());
    this.#positions = new Positions(disk.position);
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
    return true;
  }

  get isBehind(): boolean {
    return this.#backlog.isOver;
  }

  get(key: Key): Value | undefined {
    return this.#records.get(key);
  }

  getMany(keys: readonly Key[]): (Value | undefined)[] {
    return keys.map((key) => this.#records.get(key));
  }

  range(from: Key, to: Key, options: RangeOptions = {}): Entry[] {
    const limit = options.limit ?? Infinity;
    const entries: Entry[] = [];
    if (limit <= 0) return entries;
    for (const key of this.#records.keys(from, to, options.reverse)) {
      entries.push({ key, value: this.#records.get(key) as Value });
      if (entries.length >= limit) break;
    }
    return entries;
  }

  commit(batch: Batch): Position {
    this.#positions.assertWorking();
    this.#leases.check(batch);
    applyBatch(this.#records, batch);
    // The first batch of a group closes it after the present turn: what the turn adds is written with it. While a
    // group is being written the next one fills.
    if (this.#filling.length === 0 && !this.#isWriting) queueMicrotask(() => this.#write());
    this.#filling.push(batch);
    this.#backlog.add(batch);
    return this.#positions.join();
  }

  #write(): void {
    const batch = mergeBatches(this.#filling);
    this.#filling = [];
    this.#isWriting = true;
    this.#backlog.seal();
    const position = this.#positions.seal();
    this.#flush(() => {
      applyBatch(this.#disk.records, batch);
      this.#disk.journal.push({ position, batch });
      if (this.#disk.journal.length > JOURNAL_GROUPS_MAX) this.#disk.journal.shift();
      this.#disk.position = position;
      this.#isWriting = false;
      this.#backlog.written();
      if (this.#filling.length > 0) this.#write();
      this.#positions.reached(position);
    });
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

  async lease(name: string, owner: string, ttlMs: number): Promise<Lease | undefined> {
    return this.#keepLease(this.#leases.take(name, owner, { nowMs: this.#clock.now(), ttlMs }));
  }

  async renew(lease: Lease, ttlMs: number): Promise<Lease | undefined> {
    return this.#keepLease(this.#leases.renew(lease, { nowMs: this.#clock.now(), ttlMs }));
  }

  async release(lease: Lease): Promise<void> {
    this.#keepLease(this.#leases.release(lease));
  }

  #keepLease(lease: Lease | undefined): Lease | undefined {
    this.#positions.assertWorking();
    if (lease !== undefined) this.#disk.leases.set(lease.name, lease);
    return lease;
  }

  async *changes(from: Position): AsyncIterable<CommittedChange> {
    yield* this.#disk.journal.filter((change) => change.position > from);
  }

  backup(path: string): Promise<void> {
    return Promise.reject(new StoreFailedError(`a store in memory cannot be backed up to ${path}`));
  }

  /** What is in memory is not checked. */
  onCorrupt(): void {}

  async verify(): Promise<VerifyReport> {
    return { records: this.#records.size, corruptKeys: [] };
  }

  async scrub(): Promise<ScrubReport> {
    return { ...(await this.verify()), next: undefined };
  }

  async close(): Promise<void> {
    await this.whenDurable(this.lastPosition);
    this.#positions.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Past every key: keys are made of characters up to 255. */
const KEY_MAX = '\u0100';

/** Applies a batch as the contract says: ranges are removed first, then keys deleted, then records put. */
function applyBatch(records: OrderedMap<Value>, batch: Batch): void {
  for (const [from, to] of batch.deleteRanges ?? []) {
    for (const key of Array.from(records.keys(from, to))) records.delete(key);
  }
  for (const key of batch.deletes) records.delete(key);
  for (const { key, value } of batch.puts) records.set(key, value);
}
