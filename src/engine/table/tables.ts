/**
 * All tables of a region: how services and other engines reach one, create one and delete one, and how they come
 * back after a crash. Items stay on disk: recovery reads two records a table, however many items it has.
 */
import type { Scope } from '../../base/arn.ts';
import { uuid } from '../../base/ids.ts';
import { decodeHead, encodeRecord } from '../../storage/codec.ts';
import { key, prefixRange } from '../../storage/keys.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';
import { ItemCache } from './item-cache.ts';
import { Table, type TableHost, type TableStats } from './table.ts';
import { TimeToLiveSweep } from './time-to-live.ts';
import type { TableIndex } from './table-index.ts';
import { type IndexRecord, tableArn, tableKey, type TableRecord, tableStatsKey } from './table-record.ts';

export type NewTable = Omit<TableRecord, 'id' | 'generation' | 'createdAtMs'>;

/** Lets requests in between the slices of an index that is being filled. */
const FILLING_INTERVAL_MS = 5;

const EMPTY: TableStats = { itemCount: 0, sizeBytes: 0 };

export class Tables {
  readonly loop: Loop;
  readonly #host: TableHost;
  readonly #byArn = new Map<string, Table>();
  #lastGeneration = 0;

  constructor(loop: Loop, cache: ItemCache = new ItemCache()) {
    this.loop = loop;
    this.#host = { store: loop.store, cache };
  }

  /** Reads the tables back and starts to watch times to live. */
  start(): void {
    const { store, quarantine } = this.loop;
    quarantine.each('configuration', store.range(...prefixRange(key(KEYSPACE.table))), ({ value }) => {
      const record = decodeHead<TableRecord>(value);
      const stats = store.get(tableStatsKey(record));
      const state = { stats: stats === undefined ? EMPTY : decodeHead<TableStats>(stats), position: 0 };
      this.#byArn.set(tableArn(record), new Table(this.#host, record, state));
      this.#lastGeneration = Math.max(this.#lastGeneration, record.generation);
    });
    for (const table of this.#byArn.values()) this.#fillIndexes(table);
    new TimeToLiveSweep(this.loop, () => this.#byArn.values()).start();
  }

  find(arn: string): Table | undefined {
    return this.#byArn.get(arn);
  }

  get(scope: Scope, name: string): Table | undefined {
    return this.#byArn.get(tableArn({ ...scope, name }));
  }

  /** The tables of an account in a region, by name. */
  list(scope: Scope): Table[] {
    return [...this.#byArn.values()]
      .filter(({ record }) => record.account === scope.account && record.region === scope.region)
      .toSorted((a, b) => (a.record.name < b.record.name ? -1 : 1));
  }

  /** The caller has made sure that there is no table of that name. */
  create(turn: Turn, created: NewTable): Table {
    const generation = Math.max(turn.now, this.#lastGeneration + 1);
    this.#lastGeneration = generation;
    const record: TableRecord = {
      ...created,
      id: uuid(turn.random),
      generation,
      createdAtMs: turn.now,
    };
    turn.put(tableKey(record, record.name), encodeRecord(record));
    const table = new Table(this.#host, record, { stats: EMPTY, position: turn.position });
    this.#byArn.set(table.arn, table);
    return table;
  }

  update(
    turn: Turn,
    table: Table,
    change: Partial<Pick<TableRecord, 'config' | 'indexes' | 'tags' | 'timeToLive'>>,
  ): void {
    const record: TableRecord = { ...table.record, ...change };
    turn.put(tableKey(record, record.name), encodeRecord(record));
    table.reconfigure(record, turn.position);
  }

  /** Adds an index and fills it, in slices, from the items that are there. */
  addIndex(turn: Turn, table: Table, index: IndexRecord): void {
    const indexes = [...table.record.indexes, { ...index, isFilling: true as const }];
    this.update(turn, table, { indexes });
    turn.afterCommit(() => this.#fillIndexes(table));
  }

  removeIndex(turn: Turn, table: Table, index: TableIndex): void {
    const indexes = table.record.indexes.filter(({ name }) => name !== index.record.name);
    table.clearIndex(turn, index);
    this.update(turn, table, { indexes });
  }

  /** Fills a slice of each index that needs it, and comes back until none does. */
  #fillIndexes(table: Table): void {
    const filling = table.record.indexes.filter(({ isFilling }) => isFilling === true);
    if (filling.length === 0 || table.isDeleted) return;
    this.loop.turn((turn) => {
      for (const { name } of filling) {
        if (!table.fillIndex(turn, name)) this.#finishIndex(turn, table, name);
      }
      // At the pace of the disk.
      turn.afterCommit(() =>
        this.loop.timers.at(this.loop.clock.now() + FILLING_INTERVAL_MS, () => this.#fillIndexes(table)),
      );
    });
  }

  #finishIndex(turn: Turn, table: Table, name: string): void {
    const indexes = table.record.indexes.map((index) => {
      const { isFilling: _, ...filled } = index;
      return index.name === name ? filled : index;
    });
    this.update(turn, table, { indexes });
  }

  delete(turn: Turn, table: Table): void {
    table.clear(turn);
    turn.delete(tableKey(table.record, table.record.name));
    this.#byArn.delete(table.arn);
  }
}
