/** Between the members of the API and the indexes of a table. Refusals are in the service's words. */
import type {
  AttributeDefinition,
  GlobalSecondaryIndexDescription,
  GlobalSecondaryIndexUpdate,
  KeySchemaElement,
  LocalSecondaryIndexDescription,
  Projection,
  ProvisionedThroughput as WireThroughput,
} from '../../api/dynamodb.ts';
import { notImplementedError } from '../../base/errors.ts';
import { schemaAttributes, type TableIndex } from '../../engine/table/table-index.ts';
import type { IndexRecord, KeySchema } from '../../engine/table/table-record.ts';
import type { Table } from '../../engine/table/table.ts';
import * as errors from './errors.ts';
import { GLOBAL_INDEXES_MAX, INDEX_INCLUDED_ATTRIBUTES_MAX, LOCAL_INDEXES_MAX } from './limits.ts';
import { describeThroughput, KeyTypes, parseThroughput, toKeySchema } from './model.ts';

/** What an index of either kind is made from. */
export interface IndexInput {
  readonly IndexName: string;
  readonly KeySchema: readonly KeySchemaElement[];
  readonly Projection: Projection;
  readonly ProvisionedThroughput?: WireThroughput | undefined;
}

export interface IndexesInput {
  readonly LocalSecondaryIndexes?: readonly IndexInput[] | undefined;
  readonly GlobalSecondaryIndexes?: readonly IndexInput[] | undefined;
}

export interface TableShape {
  readonly keySchema: KeySchema;
  readonly types: KeyTypes;
  readonly isProvisioned: boolean;
}

/** The indexes of a new table. Throws `ValidationException`. */
export function parseIndexes(input: IndexesInput, shape: TableShape): IndexRecord[] {
  const { LocalSecondaryIndexes: local, GlobalSecondaryIndexes: global } = input;
  if (local?.length === 0) throw errors.invalidValues('List of LocalSecondaryIndexes is empty');
  if (global?.length === 0) throw errors.invalidValues('List of GlobalSecondaryIndexes is empty');
  if (local !== undefined && shape.keySchema.sort === undefined) {
    throw errors.invalidValues(
      'Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex',
    );
  }
  const indexes = [
    ...(local ?? []).map((index) => parseLocalIndex(index, shape)),
    ...(global ?? []).map((index) => parseGlobalIndex(index, shape)),
  ];
  checkCounts(indexes);
  return indexes;
}

function parseGlobalIndex(input: IndexInput, shape: TableShape): IndexRecord {
  const { ProvisionedThroughput: throughput } = input;
  if (shape.isProvisioned !== (throughput !== undefined)) {
    throw errors.invalidValues(
      shape.isProvisioned
        ? `ProvisionedThroughput must be specified for index: ${input.IndexName}`
        : `ProvisionedThroughput should not be specified for index: ${input.IndexName} when BillingMode is PAY_PER_REQUEST`,
    );
  }
  return {
    ...parseIndex(input, shape.types),
    kind: 'global',
    ...(throughput === undefined ? {} : { provisionedThroughput: parseThroughput(throughput) }),
  };
}

function parseLocalIndex(input: IndexInput, { keySchema: tableSchema, types }: TableShape): IndexRecord {
  const index = parseIndex(input, types);
  const { partition, sort } = index.keySchema;
  if (sort === undefined) {
    throw errors.invalidValues(`Index KeySchema does not have a range key for index: ${index.name}`);
  }
  if (partition.name !== tableSchema.partition.name) {
    throw errors.invalidValues(
      `Index KeySchema does not have the same leading hash key as table KeySchema for index: ${index.name}. ` +
        `index hash key: ${partition.name}, table hash key: ${tableSchema.partition.name}`,
    );
  }
  return { ...index, kind: 'local' };
}

function parseIndex(input: IndexInput, types: KeyTypes): Omit<IndexRecord, 'kind'> {
  const { ProjectionType: projectionType, NonKeyAttributes: included } = input.Projection;
  const keySchema = types.schema(input.KeySchema);
  if (projectionType === undefined) throw errors.invalidValues('Unknown ProjectionType: null');
  if (projectionType === 'INCLUDE' && included === undefined) {
    throw errors.invalidValues('ProjectionType is INCLUDE, but NonKeyAttributes is not specified');
  }
  if (projectionType !== 'INCLUDE' && included !== undefined) {
    throw errors.invalidValues(`ProjectionType is ${projectionType}, but NonKeyAttributes is specified`);
  }
  return { name: input.IndexName, keySchema, projectionType, includedAttributes: included ?? [] };
}

/** What all indexes of a table together must keep to. */
function checkCounts(indexes: readonly IndexRecord[]): void {
  const names = indexes.map(({ name }) => name);
  const duplicate = names.find((name, index) => names.indexOf(name) !== index);
  if (duplicate !== undefined) throw errors.invalidValues(`Duplicate index name: ${duplicate}`);
  for (const [kind, what, countMax] of [
    ['local', 'LocalSecondaryIndex', LOCAL_INDEXES_MAX],
    ['global', 'GlobalSecondaryIndex', GLOBAL_INDEXES_MAX],
  ] as const) {
    if (indexes.filter((index) => index.kind === kind).length > countMax) {
      throw errors.invalidValues(`${what} count exceeds the per-table limit of ${countMax}`);
    }
  }
  const includedCount = indexes.reduce((sum, { includedAttributes }) => sum + includedAttributes.length, 0);
  if (includedCount > INDEX_INCLUDED_ATTRIBUTES_MAX) {
    throw errors.invalidValues(
      `The total number of attributes projected exceeds the limit of ${INDEX_INCLUDED_ATTRIBUTES_MAX}`,
    );
  }
}

/** Refuses attribute definitions that no key uses. */
export function checkDefinitionsUsed(
  definitions: readonly AttributeDefinition[],
  schemas: readonly KeySchema[],
): void {
  const used = new Set(schemas.flatMap((schema) => schemaAttributes(schema).map(({ name }) => name)));
  const names = definitions.map(({ AttributeName }) => AttributeName);
  if (names.every((name) => used.has(name))) return;
  if (schemas.length === 1) {
    throw errors.invalidValues(
      'Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions',
    );
  }
  throw errors.invalidValues(
    `Some AttributeDefinitions are not used. AttributeDefinitions: [${names.join(', ')}], ` +
      `keys used: [${[...used].join(', ')}]`,
  );
}

/** What UpdateTable does to the global indexes of a table. */
export type IndexChange =
  | { readonly kind: 'create'; readonly index: IndexRecord }
  | { readonly kind: 'delete'; readonly index: TableIndex }
  | { readonly kind: 'update'; readonly name: string; readonly throughput: WireThroughput };

/** Throws `ValidationException`, `ResourceNotFoundException` or `LimitExceededException`. */
export function parseIndexChanges(
  table: Table,
  updates: readonly GlobalSecondaryIndexUpdate[],
  definitions: readonly AttributeDefinition[],
): IndexChange[] {
  const { indexes, keySchema, config } = table.record;
  const types = new KeyTypes(definitions);
  const isProvisioned = config.provisionedThroughput !== undefined;
  const changes = updates.map((update): IndexChange => {
    const { Create: create, Delete: remove, Update: change } = update;
    if (create !== undefined) {
      if (indexes.some(({ name }) => name === create.IndexName)) throw errors.indexExists();
      return { kind: 'create', index: parseGlobalIndex(create, { keySchema, types, isProvisioned }) };
    }
    const name = remove?.IndexName ?? change?.IndexName;
    const index = table.indexes.find(({ record }) => record.name === name && record.kind === 'global');
    if (index === undefined) throw errors.resourceNotFound();
    if (remove !== undefined) return { kind: 'delete', index };
    const throughput = change?.ProvisionedThroughput;
    if (throughput === undefined) throw notImplementedError('This kind of GlobalSecondaryIndexUpdates');
    return { kind: 'update', name: index.record.name, throughput };
  });
  const isAnyFilling = indexes.some(({ isFilling }) => isFilling === true);
  const onlineCount = changes.filter(({ kind }) => kind !== 'update').length + Number(isAnyFilling);
  if (onlineCount > 1) throw errors.tooManyOnlineIndexes();
  checkCounts([...indexes, ...changes.flatMap((one) => (one.kind === 'create' ? [one.index] : []))]);
  return changes;
}

/** The part of a table's description that tells of its indexes. */
export function describeIndexes(table: Table): {
  readonly LocalSecondaryIndexes?: LocalSecondaryIndexDescription[];
  readonly GlobalSecondaryIndexes?: GlobalSecondaryIndexDescription[];
} {
  const { indexes } = table.record;
  const local = indexes.filter(({ kind }) => kind === 'local');
  const global = indexes.filter(({ kind }) => kind === 'global');
  return {
    ...(local.length === 0
      ? {}
      : { LocalSecondaryIndexes: local.map((index) => describeIndex(table, index)) }),
    ...(global.length === 0
      ? {}
      : { GlobalSecondaryIndexes: global.map((index) => describeGlobalIndex(table, index)) }),
  };
}

function describeIndex(table: Table, index: IndexRecord): LocalSecondaryIndexDescription {
  const { itemCount, sizeBytes } = table.indexStats(index.name);
  return {
    IndexName: index.name,
    IndexArn: `${table.arn}/index/${index.name}`,
    KeySchema: toKeySchema(index.keySchema),
    Projection: {
      ProjectionType: index.projectionType,
      ...(index.projectionType === 'INCLUDE' ? { NonKeyAttributes: index.includedAttributes } : {}),
    },
    ItemCount: itemCount,
    IndexSizeBytes: sizeBytes,
  };
}

function describeGlobalIndex(table: Table, index: IndexRecord): GlobalSecondaryIndexDescription {
  return {
    ...describeIndex(table, index),
    IndexStatus: index.isFilling === true ? 'CREATING' : 'ACTIVE',
    ...(index.isFilling === true ? { Backfilling: true } : {}),
    ProvisionedThroughput: describeThroughput(index.provisionedThroughput ?? { readUnits: 0, writeUnits: 0 }),
  };
}
