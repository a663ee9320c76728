/** What a Query or a Scan reads: a table by its own key, or by that of one of its indexes. */
import type { Select } from '../../api/dynamodb.ts';
import type { TableIndex } from '../../engine/table/table-index.ts';
import { schemaAttributes } from '../../engine/table/table-index.ts';
import type { KeyAttribute, KeySchema } from '../../engine/table/table-record.ts';
import type { Table } from '../../engine/table/table.ts';
import { type AttributeValue, attributeOf, type Item } from '../../lang/expression/attribute-value.ts';
import { normalizeItem } from '../../lang/expression/normalize.ts';
import type { DocumentPath } from '../../lang/expression/path.ts';
import type { Key } from '../../storage/store.ts';
import * as errors from './errors.ts';
import { checkKeyValue, requireKey } from './keys.ts';

export interface ItemSource {
  readonly table: Table;
  readonly index: TableIndex | undefined;
  /** All that is read lies under it. */
  readonly prefix: Key;
  readonly keySchema: KeySchema;
  partition(encoded: string): Key;
}

export function requireSource(table: Table, indexName: string | undefined): ItemSource {
  if (indexName === undefined) {
    const { keySchema } = table.record;
    return {
      table,
      index: undefined,
      prefix: table.prefix,
      keySchema,
      partition: (one) => table.partition(one),
    };
  }
  const index = table.indexes.find(({ record }) => record.name === indexName);
  if (index === undefined) throw errors.unknownIndex(indexName);
  if (index.record.isFilling === true) throw errors.indexIsFilling(indexName);
  const { keySchema } = index.record;
  return { table, index, prefix: index.prefix, keySchema, partition: (one) => index.partition(one) };
}

/** The attributes that say where reading goes on: the keys of the table, and those of the index. */
function startAttributes({ table, index }: ItemSource): readonly KeyAttribute[] {
  const attributes = schemaAttributes(table.record.keySchema);
  if (index === undefined) return attributes;
  const names = new Set(attributes.map(({ name }) => name));
  return [...attributes, ...schemaAttributes(index.record.keySchema).filter(({ name }) => !names.has(name))];
}

/** The LastEvaluatedKey of an item. */
export function startKeyOf(source: ItemSource, item: Item): Item {
  return Object.fromEntries(startAttributes(source).map(({ name }) => [name, item[name] as AttributeValue]));
}

/** Where an ExclusiveStartKey lies. Throws `ValidationException` when it does not fit the schema. */
export function locateStartKey(source: ItemSource, given: Item): Key {
  const { table, index } = source;
  if (index === undefined) return requireKey(table, given).key;
  const item = normalizeItem(given);
  const attributes = startAttributes(source);
  if (Object.keys(item).length !== attributes.length) throw errors.keyMismatch();
  for (const attribute of attributes) {
    const value = attributeOf(item, attribute.name);
    if (value?.[attribute.type] === undefined) throw errors.keyMismatch();
    checkKeyValue(table.record, attribute, value);
  }
  const entry = index.entryKey(item, table.keyOf(item).slice(table.prefix.length));
  if (entry === undefined) throw errors.keyMismatch();
  return entry;
}

export interface Showing {
  readonly select: Select | undefined;
  readonly isConsistent: boolean | undefined;
  /** What the projection asks for, if there is one. */
  readonly paths: readonly DocumentPath[] | undefined;
}

/**
 * What an index shows of the items in it, or `undefined` for all. A local index fetches what it does not hold; a
 * global one refuses.
 */
export function indexProjection(
  { index }: ItemSource,
  { select, isConsistent, paths }: Showing,
): ((item: Item) => Item) | undefined {
  if (index === undefined) return undefined;
  const { name, kind, projectionType } = index.record;
  const isGlobal = kind === 'global';
  if (isGlobal && isConsistent === true) {
    throw errors.validation('Consistent reads are not supported on global secondary indexes');
  }
  if (projectionType === 'ALL') return undefined;
  if (select === 'ALL_ATTRIBUTES') {
    if (!isGlobal) return undefined;
    throw errors.invalidValues(
      `Select type ALL_ATTRIBUTES is not supported for global secondary index ${name} ` +
        'because its projection type is not ALL',
    );
  }
  const absent = [...new Set(paths?.map(([head]) => head))].filter((head) => !index.isProjected(head));
  if (absent.length > 0) {
    if (!isGlobal) return undefined;
    throw errors.invalidValues(`Global secondary index ${name} does not project [${absent.join(', ')}]`);
  }
  return (item) => index.project(item);
}
