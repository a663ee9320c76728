/** Checks of keys against the schema of their table. */
import type { KeyAttribute } from '../../engine/table/table-record.ts';
import type { Table } from '../../engine/table/table.ts';
import {
  type AttributeValue,
  attributeOf,
  type Item,
  typeOf,
} from '../../lang/expression/attribute-value.ts';
import { normalizeItem } from '../../lang/expression/normalize.ts';
import type { DocumentPath } from '../../lang/expression/path.ts';
import type { Key } from '../../storage/store.ts';
import * as errors from './errors.ts';
import { PARTITION_KEY_SIZE_BYTES_MAX, SORT_KEY_SIZE_BYTES_MAX } from './limits.ts';

/** Partition key first, and the sort key if the table has one. */
export function keyAttributes(table: Table): readonly KeyAttribute[] {
  const { partition, sort } = table.record.keySchema;
  return sort === undefined ? [partition] : [partition, sort];
}

/** The key in the `Key` of a request, with its attributes in canonical form. */
export function requireKey(table: Table, given: Item): { readonly key: Key; readonly item: Item } {
  const item = normalizeItem(given);
  const attributes = keyAttributes(table);
  if (Object.keys(item).length !== attributes.length) throw errors.keyMismatch();
  for (const attribute of attributes) {
    const value = attributeOf(item, attribute.name);
    if (value?.[attribute.type] === undefined) throw errors.keyMismatch();
    checkKeyValue(table, attribute, value);
  }
  return { key: table.keyOf(item), item };
}

/** The key of an item to be put; the item is canonical. */
export function requireItemKey(table: Table, item: Item): Key {
  for (const attribute of keyAttributes(table)) {
    const { name, type } = attribute;
    const value = attributeOf(item, name);
    if (value === undefined) throw errors.invalidValues(`Missing the key ${name} in the item`);
    if (value[type] === undefined) {
      throw errors.invalidValues(`Type mismatch for key ${name} expected: ${type} actual: ${typeOf(value)}`);
    }
    checkKeyValue(table, attribute, value);
  }
  return table.keyOf(item);
}

/** The key of an item in a batch, of which the service says less. */
export function requireBatchItemKey(table: Table, item: Item): Key {
  for (const { name, type } of keyAttributes(table)) {
    if (attributeOf(item, name)?.[type] === undefined) throw errors.keyMismatch();
  }
  return requireItemKey(table, item);
}

/** Empty and oversized values can be attributes, but no keys. */
export function checkKeyValue(table: Table, attribute: KeyAttribute, value: AttributeValue): void {
  if (value.N !== undefined) return;
  if (value.S === '') throw errors.emptyKeyValue(attribute.name, 'string');
  if (value.B?.byteLength === 0) throw errors.emptyKeyValue(attribute.name, 'binary');
  const sizeBytes = value.B?.byteLength ?? Buffer.byteLength(value.S ?? '');
  if (attribute === table.record.keySchema.partition) {
    if (sizeBytes > PARTITION_KEY_SIZE_BYTES_MAX) {
      // The missing blank is the service's.
      throw errors.invalidValues(
        `Size of hashkey has exceeded the maximum size limit of${PARTITION_KEY_SIZE_BYTES_MAX} bytes`,
      );
    }
  } else if (sizeBytes > SORT_KEY_SIZE_BYTES_MAX) {
    throw errors.invalidValues(
      `Aggregated size of all range keys has exceeded the size limit of ${SORT_KEY_SIZE_BYTES_MAX} bytes`,
    );
  }
}

/** Refuses paths into key attributes, which are never lists or maps. */
export function refuseNestedKeyPaths(table: Table, paths: readonly DocumentPath[]): void {
  for (const { name } of keyAttributes(table)) {
    if (paths.some((path) => path.length > 1 && path[0] === name)) throw errors.nestedKeyPath(name);
  }
}

/** The key attributes of an item, as LastEvaluatedKey gives them. */
export function keyItemOf(table: Table, item: Item): Item {
  return Object.fromEntries(keyAttributes(table).map(({ name }) => [name, item[name] as AttributeValue]));
}
