/** Checks of keys against the schema of their table. */
import type { IndexRecord, KeyAttribute, KeySchema } from '../../engine/table/table-record.ts';
import { schemaAttributes } from '../../engine/table/table-index.ts';
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
  return schemaAttributes(table.record.keySchema);
}

/** The key in the `Key` of a request, with its attributes in canonical form. */
export function requireKey(table: Table, given: Item): { readonly key: Key; readonly item: Item } {
  const item = normalizeItem(given);
  const attributes = keyAttributes(table);
  if (Object.keys(item).length !== attributes.length) throw errors.keyMismatch();
  for (const attribute of attributes) {
    const value = attributeOf(item, attribute.name);
    if (value?.[attribute.type] === undefined) throw errors.keyMismatch();
    checkKeyValue(table.record, attribute, value);
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
    checkKeyValue(table.record, attribute, value);
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
export function checkKeyValue(
  keyed: { readonly keySchema: KeySchema },
  attribute: KeyAttribute,
  value: AttributeValue,
): void {
  if (value.N !== undefined) return;
  if (value.S === '') throw errors.emptyKeyValue(attribute.name, 'string');
  if (value.B?.byteLength === 0) throw errors.emptyKeyValue(attribute.name, 'binary');
  const sizeBytes = value.B?.byteLength ?? Buffer.byteLength(value.S ?? '');
  if (attribute.name === keyed.keySchema.partition.name) {
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
  if (paths.every((path) => path.length === 1)) return;
  const isNested = (name: string): boolean => paths.some((path) => path.length > 1 && path[0] === name);
  for (const { name } of keyAttributes(table)) {
    if (isNested(name)) throw errors.nestedKeyPath('Key', name);
  }
  for (const { record } of table.indexes) {
    for (const { name } of schemaAttributes(record.keySchema)) {
      if (isNested(name)) throw errors.nestedKeyPath('IndexKey', name);
    }
  }
}

/** Refuses values that an index cannot have as its key; `before` is what is there, and stays as it is. */
export function checkIndexKeys(table: Table, item: Item, before?: Item): void {
  for (const { record } of table.indexes) {
    for (const attribute of schemaAttributes(record.keySchema)) {
      const value = attributeOf(item, attribute.name);
      const isUnchanged = before !== undefined && attributeOf(before, attribute.name) === value;
      if (value !== undefined && !isUnchanged) checkIndexKey(record, attribute, value);
    }
  }
}

function checkIndexKey(index: IndexRecord, attribute: KeyAttribute, value: AttributeValue): void {
  const { name, type } = attribute;
  if (value[type] === undefined) {
    throw errors.invalidValues(
      `Type mismatch for Index Key ${name} Expected: ${type} Actual: ${typeOf(value)} IndexName: ${index.name}`,
    );
  }
  if (value.S === '') throw errors.emptyIndexKeyValue(name, index.name, 'string');
  if (value.B?.byteLength === 0) throw errors.emptyIndexKeyValue(name, index.name, 'binary');
  checkKeyValue(index, attribute, value);
}
