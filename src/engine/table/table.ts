/**
 * One table: its items on disk behind the shared cache, its counts in memory. All changes go through the caller's
 * turn, so a condition checked and the write that it guards are one step that nothing comes between.
 *
 * Items that come in are canonical and their keys checked: `services/dynamodb` sees to both.
 */
import { setImmediate } from 'node:timers/promises';
import type { Item } from '../../lang/expression/attribute-value.ts';
import { encodeRecord } from '../../storage/codec.ts';
import { key, prefixRange } from '../../storage/keys.ts';
import type { Entry, Key, Position, Store } from '../../storage/store.ts';
import { invariant } from '../../base/assert.ts';
import type { Turn } from '../loop.ts';
import type { ItemCache, StoredItem } from './item-cache.ts';
import { encodedAttribute, type KeyRange, keyAfter, partitionPrefix } from './item-key.ts';
import { type DecodedItem, decodeItem, encodeItem } from './item-record.ts';
import { decodeEntry, TableIndex } from './table-index.ts';
import { allIndexesPrefix, itemPrefix, tableArn, type TableRecord, tableStatsKey } from './table-record.ts';

export interface ItemStats {
  readonly itemCount: number;
  readonly sizeBytes: number;
}

/** What the stored counts are made of. */
export interface TableStats extends ItemStats {
  /** By the name of the index; left out for tables that have none. */
  readonly indexes?: Readonly<Record<string, ItemStats>>;
}

const NO_ITEMS: ItemStats = { itemCount: 0, sizeBytes: 0 };

export interface TableHost {
  readonly store: Store;
  readonly cache: ItemCache;
}

/** Sees an item; false when it has seen enough. */
export type Visitor = (stored: StoredItem, itemKey: Key) => boolean;

interface Step extends KeyRange {
  /** Entries to read. */
  readonly limit: number;
}

/**
 * Bytes that one step reads at the most, as far as the sizes seen so far tell: decoding them takes about 2 ms, and
 * nobody else is served meanwhile.
 */
const STEP_SIZE_BYTES = 256 * 1024;
const STEP_ENTRIES_FIRST = 16;

/** Items put into a new index before others are let in. */
const FILLED_ITEMS_PER_TURN = 100;

const AFTER_ALL_KEYS: Key = '\u00ff\u00ff\u00ff';
const STEP_ENTRIES_MAX = 1024;

export class Table {
  readonly prefix: Key;
  readonly #host: TableHost;
  readonly #statsKey: Key;
  #record: TableRecord;
  #position: Position;
  #stats: TableStats;
  #indexes: readonly TableIndex[];
  /** Of indexes that are being filled: items from this key on are not in them yet, and not counted. */
  readonly #filledTo = new Map<string, Key>();
  #isDeleted = false;

  constructor(host: TableHost, record: TableRecord, state: { stats: TableStats; position: Position }) {
    this.#host = host;
    this.#record = record;
    this.prefix = itemPrefix(record);
    this.#statsKey = tableStatsKey(record);
    this.#stats = state.stats;
    this.#indexes = this.#openIndexes();
    this.#position = state.position;
  }

  get record(): TableRecord {
    return this.#record;
  }

  get arn(): string {
    return tableArn(this.#record);
  }

  get stats(): TableStats {
    return this.#stats;
  }

  /**
   * The last commit that changed the table or any of its items: what holds for an item that is not there, and for
   * everything that was read past the cache.
   */
  get position(): Position {
    return this.#position;
  }

  get indexes(): readonly TableIndex[] {
    return this.#indexes;
  }

  indexStats(name: string): ItemStats {
    return this.#stats.indexes?.[name] ?? NO_ITEMS;
  }

  /** False while the disk is nearly full: then nothing is put, while deletions and reads go on. */
  get acceptsWrites(): boolean {
    return this.#host.store.acceptsWrites;
  }

  get isDeleted(): boolean {
    return this.#isDeleted;
  }

  /** Replaces the configuration; the caller has put the record into its turn. */
  reconfigure(record: TableRecord, position: Position): void {
    this.#record = record;
    this.#position = position;
    this.#indexes = this.#openIndexes();
  }

  #openIndexes(): TableIndex[] {
    for (const { name, isFilling } of this.#record.indexes) {
      if (isFilling !== true) this.#filledTo.delete(name);
      else if (!this.#filledTo.has(name)) this.#restartFilling(name);
    }
    return this.#record.indexes.map((index) => new TableIndex(this.#record, index));
  }

  /** How far an index was filled is forgotten in a crash; its entries are put once more, and counted anew. */
  #restartFilling(name: string): void {
    this.#filledTo.set(name, this.prefix);
    this.#stats = { ...this.#stats, indexes: { ...this.#stats.indexes, [name]: NO_ITEMS } };
  }

  /** The key of an item that has the table's key attributes. */
  keyOf(item: Item): Key {
    const { partition, sort } = this.#record.keySchema;
    const prefix = this.partition(requireEncoded(item, partition.name));
    return sort === undefined ? prefix : prefix + key(requireEncoded(item, sort.name));
  }

  /** The prefix of a partition's keys, given its encoded key. */
  partition(encoded: string): Key {
    return partitionPrefix(this.prefix, encoded);
  }

  get(itemKey: Key): StoredItem | undefined {
    const cached = this.#host.cache.get(itemKey);
    if (cached !== undefined) return cached;
    const value = this.#host.store.get(itemKey);
    if (value === undefined) return undefined;
    const stored: StoredItem = { ...decodeItem(value), position: this.#position };
    this.#host.cache.set(itemKey, stored);
    return stored;
  }

  put(turn: Turn, itemKey: Key, item: Item, sizeBytes: number): void {
    const before = this.get(itemKey);
    turn.put(itemKey, encodeItem({ item, sizeBytes }));
    this.#host.cache.set(itemKey, { item, sizeBytes, position: turn.position });
    this.#count(turn, itemKey, before, { item, sizeBytes });
  }

  delete(turn: Turn, itemKey: Key): void {
    const before = this.get(itemKey);
    if (before === undefined) return;
    turn.delete(itemKey);
    this.#host.cache.delete(itemKey);
    this.#count(turn, itemKey, before, undefined);
  }

  /**
   * Shows `visit` the items of the range in key order (or from the last to the first) until it answers false.
   * Reads in steps, so that no more than a step is read beyond what the visitor takes.
   */
  visit(range: KeyRange, reverse: boolean, visit: Visitor): void {
    let step: Step | undefined = { ...range, limit: STEP_ENTRIES_FIRST };
    while (step !== undefined) step = this.#step(step, reverse, visit);
  }

  /** As `visit`, but lets others in between two steps: what they change on the way is seen as it then is. */
  async walk(range: KeyRange, reverse: boolean, visit: Visitor): Promise<void> {
    let step: Step | undefined = { ...range, limit: STEP_ENTRIES_FIRST };
    for (;;) {
      step = this.#step(step, reverse, visit);
      if (step === undefined) return;
      await setImmediate();
    }
  }

  /** Shows one step of a range; answers the next one. */
  #step({ from, to, limit }: Step, reverse: boolean, visit: Visitor): Step | undefined {
    if (from >= to || this.#isDeleted) return undefined;
    const entries = this.#host.store.range(from, to, { limit, reverse });
    let sizeBytes = 0;
    for (const entry of entries) {
      sizeBytes += entry.value.byteLength;
      const stored = this.#stored(entry);
      if (stored !== undefined && !visit(stored, entry.key)) return undefined;
    }
    const last = entries.at(-1);
    if (last === undefined || entries.length < limit) return undefined;
    const fitting = Math.floor((STEP_SIZE_BYTES * entries.length) / sizeBytes);
    const next = { limit: Math.max(1, Math.min(STEP_ENTRIES_MAX, fitting)) };
    return reverse ? { ...next, from, to: last.key } : { ...next, from: keyAfter(last.key), to };
  }

  #stored({ key: entryKey, value }: Entry): StoredItem | undefined {
    // An entry of an index says where its item lies.
    if (!entryKey.startsWith(this.prefix)) return this.get(decodeEntry(value, this.prefix));
    return this.#host.cache.get(entryKey) ?? { ...decodeItem(value), position: this.#position };
  }

  /** Removes all items and the counts. */
  clear(turn: Turn): void {
    invariant(!this.#isDeleted, 'a table is deleted once');
    this.#isDeleted = true;
    turn.deleteRange(...prefixRange(this.prefix));
    if (this.#indexes.length > 0) turn.deleteRange(...prefixRange(allIndexesPrefix(this.#record)));
    turn.delete(this.#statsKey);
    this.#position = turn.position;
  }

  /** Brings the counts and the indexes after a change of one item. */
  #count(turn: Turn, itemKey: Key, before: DecodedItem | undefined, after: DecodedItem | undefined): void {
    invariant(!this.#isDeleted, 'nothing is written to a table that was deleted');
    this.#position = turn.position;
    const stats: TableStats = { ...this.#stats, ...changedStats(this.#stats, before, after) };
    const indexes = this.#indexes.map((index) => {
      index.move(turn, itemKey.slice(this.prefix.length), before?.item, after?.item);
      const stats = this.indexStats(index.record.name);
      if (itemKey >= (this.#filledTo.get(index.record.name) ?? AFTER_ALL_KEYS))
        return [index.record.name, stats];
      const [shownBefore, shownAfter] = [index.shown(before), index.shown(after)];
      return [index.record.name, changedStats(stats, shownBefore, shownAfter)];
    });
    if (indexes.length > 0) this.#setStats(turn, { ...stats, indexes: Object.fromEntries(indexes) });
    else if (stats.itemCount !== this.#stats.itemCount || stats.sizeBytes !== this.#stats.sizeBytes) {
      this.#setStats(turn, stats);
    }
  }

  /** Puts the next items into an index that is being filled. Answers false when there are no more. */
  fillIndex(turn: Turn, name: string): boolean {
    const index = this.#indexes.find(({ record }) => record.name === name);
    const from = this.#filledTo.get(name);
    if (index === undefined || from === undefined || this.#isDeleted) return false;
    let stats = this.indexStats(name);
    let filledTo: Key | undefined;
    let itemCount = 0;
    this.visit({ from, to: prefixRange(this.prefix)[1] }, false, ({ item, sizeBytes }, itemKey) => {
      index.move(turn, itemKey.slice(this.prefix.length), undefined, item);
      stats = changedStats(stats, undefined, index.shown({ item, sizeBytes }));
      filledTo = keyAfter(itemKey);
      itemCount += 1;
      return itemCount < FILLED_ITEMS_PER_TURN;
    });
    this.#setStats(turn, { ...this.#stats, indexes: { ...this.#stats.indexes, [name]: stats } });
    if (filledTo !== undefined) this.#filledTo.set(name, filledTo);
    return itemCount === FILLED_ITEMS_PER_TURN;
  }

  /** Removes the entries of an index; the caller takes it out of the record. */
  clearIndex(turn: Turn, { prefix, record }: TableIndex): void {
    turn.deleteRange(...prefixRange(prefix));
    this.#filledTo.delete(record.name);
    const { [record.name]: _, ...indexes } = this.#stats.indexes ?? {};
    this.#setStats(turn, { ...this.#stats, indexes });
  }

  #setStats(turn: Turn, stats: TableStats): void {
    this.#stats = stats;
    turn.put(this.#statsKey, encodeRecord(stats));
  }
}

function changedStats(
  stats: ItemStats,
  before: DecodedItem | undefined,
  after: DecodedItem | undefined,
): ItemStats {
  return {
    itemCount: stats.itemCount + Number(after !== undefined) - Number(before !== undefined),
    sizeBytes: stats.sizeBytes + (after?.sizeBytes ?? 0) - (before?.sizeBytes ?? 0),
  };
}

function requireEncoded(item: Item, name: string): string {
  const encoded = encodedAttribute(item, name);
  invariant(encoded !== undefined, 'an item in a table has its key attributes');
  return encoded;
}
