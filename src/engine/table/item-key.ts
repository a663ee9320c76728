/**
 * Where items lie in the store: the table, 32 bits of a hash of the partition key, the partition key, the sort key.
 * A Query is one range of a partition. A Scan goes through the hashes, so parallel segments are ranges of them and
 * share nothing. Partition keys come out in no order that a caller could rely on, as in DynamoDB.
 */
import { crc32 } from 'node:zlib';
import { attributeOf, type Item } from '../../lang/expression/attribute-value.ts';
import { encodeKeyValue } from '../../lang/expression/key-encoding.ts';
import { key } from '../../storage/keys.ts';
import type { Key } from '../../storage/store.ts';

/** Keys with `from <= key < to`. */
export interface KeyRange {
  readonly from: Key;
  readonly to: Key;
}

const HASH_COUNT = 2 ** 32;

/** The part of the key space that one partition key has to itself. `partition` is encoded by `encodeKeyValue`. */
export function partitionPrefix(itemPrefix: Key, partition: string): Key {
  return itemPrefix + key(crc32(partition), partition);
}

/** The first key after `itemKey`: keys have no upper bound to their length. */
export function keyAfter(itemKey: Key): Key {
  return `${itemKey}\u0000`;
}

/** The keys of segment `segment` out of `segmentCount`. */
export function segmentRange(itemPrefix: Key, segment: number, segmentCount: number): KeyRange {
  const start = (index: number): Key => itemPrefix + key(Math.ceil((index * HASH_COUNT) / segmentCount));
  return { from: start(segment), to: start(segment + 1) };
}

/** Sorts after all that can follow a part of a key: text is UTF-8, where 0xff does not occur, and ends with zero. */
const AFTER_PART = '\u00ff';

/** The first key after `sortKey` and after all entries of an index that have that sort key. */
export function keyAfterSort(sortKey: Key): Key {
  // The key of the item follows in an index: it starts with its hash, the first byte of which is zero.
  return `${sortKey}\u0001`;
}

/**
 * The keys of a whole partition. A partition key that goes on after a zero byte has 0xff there, so it is left out
 * even if its hash is the same.
 */
export function partitionRange(partition: Key): KeyRange {
  return { from: partition, to: partition + AFTER_PART };
}

/** The keys of a partition whose sort key starts with `prefix`, encoded. */
export function sortPrefixRange(partition: Key, prefix: string): KeyRange {
  // A part of a key ends with a zero, and the prefix does not end there.
  const from = partition + key(prefix).slice(0, -1);
  return { from, to: from + AFTER_PART };
}

/** What two ranges have in common; `undefined` when that is nothing. */
export function intersect(a: KeyRange, b: KeyRange): KeyRange | undefined {
  const from = a.from > b.from ? a.from : b.from;
  const to = a.to < b.to ? a.to : b.to;
  return from < to ? { from, to } : undefined;
}

/** An attribute as a part of a key; `undefined` when it is not there or of no type that keys have. */
export function encodedAttribute(item: Item, name: string): string | undefined {
  const value = attributeOf(item, name);
  return value === undefined ? undefined : encodeKeyValue(value);
}
