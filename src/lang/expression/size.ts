/**
 * Sizes as DynamoDB counts them, for the item limit, capacity units and the 1 MB page (developer guide, "Item sizes
 * and formats"): names and texts in UTF-8 bytes, numbers one byte for two digits and some overhead, lists and maps
 * three bytes and one for each element.
 */
import type { AttributeValue, Item } from './attribute-value.ts';
import { fromCanonical } from './decimal.ts';

const CONTAINER_OVERHEAD_BYTES = 3;
const ELEMENT_OVERHEAD_BYTES = 1;

/**
 * Digits are held in pairs around the decimal point: 1 byte for the exponent, one for each pair begun, and one
 * more for a minus. Zero takes one byte.
 */
function numberSizeBytes(text: string): number {
  const { sign, digits, exponent } = fromCanonical(text);
  if (sign === 0) return 1;
  const leadingHalf = exponent % 2 === 0 ? 1 : 0;
  return 1 + Math.ceil((digits.length + leadingHalf) / 2) + (sign < 0 ? 1 : 0);
}

/** Bytes of a canonical value. */
function valueSizeBytes(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return numberSizeBytes(value.N);
  if (value.M !== undefined) {
    const elements = Object.keys(value.M).length * ELEMENT_OVERHEAD_BYTES;
    return CONTAINER_OVERHEAD_BYTES + elements + itemSizeBytes(value.M);
  }
  if (value.L !== undefined) {
    let size = CONTAINER_OVERHEAD_BYTES;
    for (const element of value.L) size += ELEMENT_OVERHEAD_BYTES + valueSizeBytes(element);
    return size;
  }
  if (value.B !== undefined) return value.B.byteLength;
  if (value.SS !== undefined) return sum(value.SS, (text) => Buffer.byteLength(text));
  if (value.NS !== undefined) return sum(value.NS, numberSizeBytes);
  if (value.BS !== undefined) return sum(value.BS, (bytes) => bytes.byteLength);
  return 1; // BOOL and NULL
}

/** Bytes of an item: its names and its values. */
export function itemSizeBytes(item: Item): number {
  let size = 0;
  for (const name of Object.keys(item)) {
    size += Buffer.byteLength(name) + valueSizeBytes(item[name] as AttributeValue);
  }
  return size;
}

function sum<T>(members: readonly T[], sizeOf: (member: T) => number): number {
  let size = 0;
  for (const member of members) size += sizeOf(member);
  return size;
}
