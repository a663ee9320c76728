/** Capacity units as DynamoDB counts them: 4 KB a read, half when eventually consistent; 1 KB a write. */
import type { Capacity, ConsumedCapacity, ReturnConsumedCapacity } from '../../api/dynamodb.ts';
import type { DecodedItem } from '../../engine/table/item-record.ts';
import type { IndexRecord } from '../../engine/table/table-record.ts';
import type { Table } from '../../engine/table/table.ts';
import { READ_UNIT_SIZE_BYTES, WRITE_UNIT_SIZE_BYTES } from './limits.ts';

/** Nothing read costs as much as one item read. */
export function readUnits(sizeBytes: number, isConsistent: boolean | undefined): number {
  const units = Math.max(1, Math.ceil(sizeBytes / READ_UNIT_SIZE_BYTES));
  return isConsistent === true ? units : units / 2;
}

/** A write costs the larger of the item before and the item after; one of nothing costs as much as one of 1 KB. */
function writeUnits(sizeBytes: number): number {
  return Math.max(1, Math.ceil(sizeBytes / WRITE_UNIT_SIZE_BYTES));
}

type UnitKind = 'ReadCapacityUnits' | 'WriteCapacityUnits';

/** What one request spends on one table: counts only when the caller asked to be told. */
export class CapacityMeter {
  readonly #table: Table;
  readonly #asked: ReturnConsumedCapacity | undefined;
  #units = 0;
  readonly #indexes = new Map<IndexRecord, number>();

  constructor(asked: ReturnConsumedCapacity | undefined, table: Table) {
    this.#asked = asked;
    this.#table = table;
  }

  get #isCounting(): boolean {
    return this.#asked === 'TOTAL' || this.#asked === 'INDEXES';
  }

  read(units: number, index?: IndexRecord): void {
    if (index === undefined) this.#units += units;
    else this.#spendOn(index, units);
  }

  write(before: DecodedItem | undefined, after: DecodedItem | undefined): void {
    if (!this.#isCounting) return;
    this.#units += writeUnits(Math.max(before?.sizeBytes ?? 0, after?.sizeBytes ?? 0));
    for (const index of this.#table.indexes) {
      for (const sizeBytes of index.writeSizes(before, after))
        this.#spendOn(index.record, writeUnits(sizeBytes));
    }
  }

  #spendOn(index: IndexRecord, units: number): void {
    this.#indexes.set(index, (this.#indexes.get(index) ?? 0) + units);
  }

  /**
   * What the caller asked to be told, if anything. A transaction costs twice, for it is prepared and then carried
   * out, and says of what kind its units are.
   */
  consumed(transactionKind?: UnitKind): ConsumedCapacity | undefined {
    if (!this.#isCounting) return undefined;
    const capacity = (units: number): Capacity =>
      transactionKind === undefined
        ? { CapacityUnits: units }
        : { CapacityUnits: 2 * units, [transactionKind]: 2 * units };
    const total = [...this.#indexes.values()].reduce((sum, units) => sum + units, this.#units);
    const shown = { TableName: this.#table.record.name, ...capacity(total) };
    if (this.#asked !== 'INDEXES') return shown;
    const ofKind = (kind: IndexRecord['kind']): Record<string, Capacity> | undefined => {
      const spent = [...this.#indexes].filter(([index]) => index.kind === kind);
      if (spent.length === 0) return undefined;
      return Object.fromEntries(spent.map(([index, units]) => [index.name, capacity(units)]));
    };
    return {
      ...shown,
      Table: capacity(this.#units),
      GlobalSecondaryIndexes: ofKind('global'),
      LocalSecondaryIndexes: ofKind('local'),
    };
  }
}

/** One meter for each table that a request of several tables touches. */
export class CapacityMeters {
  readonly #asked: ReturnConsumedCapacity | undefined;
  readonly #meters = new Map<Table, CapacityMeter>();

  constructor(asked: ReturnConsumedCapacity | undefined) {
    this.#asked = asked;
  }

  of(table: Table): CapacityMeter {
    let meter = this.#meters.get(table);
    if (meter === undefined) this.#meters.set(table, (meter = new CapacityMeter(this.#asked, table)));
    return meter;
  }

  consumed(transactionKind?: UnitKind): ConsumedCapacity[] | undefined {
    const consumed = [...this.#meters.values()].map((meter) => meter.consumed(transactionKind));
    return consumed.every((one) => one !== undefined) ? consumed : undefined;
  }
}
