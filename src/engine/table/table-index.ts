/**
 * A secondary index: one small entry in the store for each item that has the index's key, in the order of that key,
 * saying where the item lies. The item itself is not copied: a write that leaves the key as it is leaves the entry,
 * too, and what a query shows of an item is always what the item is.
 */
import {
  type AttributeValue,
  attributeOf,
  type Item,
  itemOf,
  valuesEqual,
} from '../../lang/expression/attribute-value.ts';
import { itemSizeBytes } from '../../lang/expression/size.ts';
import { decodeHead, encodeRecord } from '../../storage/codec.ts';
import { key } from '../../storage/keys.ts';
import type { Key, Value } from '../../storage/store.ts';
import type { Turn } from '../loop.ts';
import { encodedAttribute, partitionPrefix } from './item-key.ts';
import type { DecodedItem } from './item-record.ts';
import {
  indexPrefix,
  type IndexRecord,
  type KeyAttribute,
  type KeySchema,
  type TableRecord,
} from './table-record.ts';

interface EntryRecord {
  /** The key of the item, without the prefix of its table. */
  readonly item: string;
}

/** The key of the item that an entry stands for. */
export function decodeEntry(value: Value, itemPrefix: Key): Key {
  return itemPrefix + decodeHead<EntryRecord>(value).item;
}

export class TableIndex {
  readonly record: IndexRecord;
  readonly prefix: Key;
  readonly #shownAttributes: ReadonlySet<string> | undefined;

  constructor(table: TableRecord, record: IndexRecord) {
    this.record = record;
    this.prefix = indexPrefix(table, record);
    const keys = [...schemaAttributes(table.keySchema), ...schemaAttributes(record.keySchema)];
    this.#shownAttributes =
      record.projectionType === 'ALL'
        ? undefined
        : new Set([...keys.map(({ name }) => name), ...record.includedAttributes]);
  }

  /** The prefix of a partition's entries, given its encoded key. */
  partition(encoded: string): Key {
    return partitionPrefix(this.prefix, encoded);
  }

  /** Where the entry of an item lies; `undefined` for items without the index's key, which are not in it. */
  entryKey(item: Item, itemSuffix: string): Key | undefined {
    const { partition, sort } = this.record.keySchema;
    const encodedPartition = this.#encoded(item, partition);
    if (encodedPartition === undefined) return undefined;
    const start = this.partition(encodedPartition);
    if (sort === undefined) return start + itemSuffix;
    const encodedSort = this.#encoded(item, sort);
    return encodedSort === undefined ? undefined : start + key(encodedSort) + itemSuffix;
  }

  #encoded(item: Item, { name, type }: KeyAttribute): string | undefined {
    return attributeOf(item, name)?.[type] === undefined ? undefined : encodedAttribute(item, name);
  }

  /** Moves the entry of an item with it; `itemSuffix` is the item's key without the prefix of its table. */
  move(turn: Turn, itemSuffix: string, before: Item | undefined, after: Item | undefined): void {
    const from = before === undefined ? undefined : this.entryKey(before, itemSuffix);
    const to = after === undefined ? undefined : this.entryKey(after, itemSuffix);
    if (from === to) return;
    if (from !== undefined) turn.delete(from);
    if (to !== undefined) turn.put(to, encodeRecord({ item: itemSuffix } satisfies EntryRecord));
  }

  isProjected(attribute: string): boolean {
    return this.#shownAttributes === undefined || this.#shownAttributes.has(attribute);
  }

  /** What the index shows of an item. */
  project(item: Item): Item {
    const shown = this.#shownAttributes;
    if (shown === undefined) return item;
    const entries: [string, AttributeValue][] = [];
    for (const [name, value] of Object.entries(item)) if (shown.has(name)) entries.push([name, value]);
    return itemOf(entries);
  }

  /** The item as it is in the index; `undefined` when it is not. */
  shown(decoded: DecodedItem | undefined): DecodedItem | undefined {
    if (decoded === undefined || this.entryKey(decoded.item, '') === undefined) return undefined;
    if (this.#shownAttributes === undefined) return decoded;
    const item = this.project(decoded.item);
    return { item, sizeBytes: itemSizeBytes(item) };
  }

  /**
   * The sizes of what a change of an item writes to the index: nothing when the index shows nothing of it, two
   * writes when the entry moves.
   */
  writeSizes(before: DecodedItem | undefined, after: DecodedItem | undefined): number[] {
    const [from, to] = [this.shown(before), this.shown(after)];
    if (from === undefined || to === undefined) {
      return [from, to].flatMap((one) => (one === undefined ? [] : [one.sizeBytes]));
    }
    if (this.entryKey(from.item, '') !== this.entryKey(to.item, '')) return [from.sizeBytes, to.sizeBytes];
    return valuesEqual({ M: from.item }, { M: to.item }) ? [] : [Math.max(from.sizeBytes, to.sizeBytes)];
  }
}

/** Partition key first, and the sort key if there is one. */
export function schemaAttributes({ partition, sort }: KeySchema): readonly KeyAttribute[] {
  return sort === undefined ? [partition] : [partition, sort];
}
