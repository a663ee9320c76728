/** Between the members of the API and the tables of the engine. */
import type {
  AttributeDefinition,
  KeySchemaElement,
  OnDemandThroughput,
  ProvisionedThroughput as WireThroughput,
  TableDescription,
  TableStatus,
  TimeToLiveDescription,
} from '../../api/dynamodb.ts';
import type {
  KeySchema,
  ProvisionedThroughput,
  TableConfig,
  TableRecord,
} from '../../engine/table/table-record.ts';
import type { Table } from '../../engine/table/table.ts';
import * as errors from './errors.ts';

/**
 * The description of a table. Tables are ready as soon as the commit that makes them is on disk, so `CREATING`,
 * `UPDATING` and `DELETING` are seen only in the answer of the operation that caused them.
 */
export function describeTable(table: Table, status: TableStatus = 'ACTIVE'): TableDescription {
  const { record, stats } = table;
  const { config } = record;
  return {
    TableName: record.name,
    TableArn: table.arn,
    TableId: record.id,
    TableStatus: status,
    CreationDateTime: record.createdAtMs,
    KeySchema: toKeySchema(record.keySchema),
    AttributeDefinitions: toAttributeDefinitions(record.keySchema),
    ItemCount: stats.itemCount,
    TableSizeBytes: stats.sizeBytes,
    DeletionProtectionEnabled: config.isDeletionProtected,
    ...describeBilling(record),
    ...(config.tableClass === undefined ? {} : { TableClassSummary: describeClass(config) }),
  };
}

type BillingDescription = Pick<
  TableDescription,
  'BillingModeSummary' | 'OnDemandThroughput' | 'ProvisionedThroughput'
>;

function describeBilling({ config, createdAtMs }: TableRecord): BillingDescription {
  const { provisionedThroughput, onDemandMaximum, billingChangedAtMs = createdAtMs } = config;
  if (provisionedThroughput !== undefined) {
    return { ProvisionedThroughput: describeThroughput(provisionedThroughput) };
  }
  return {
    BillingModeSummary: {
      BillingMode: 'PAY_PER_REQUEST',
      LastUpdateToPayPerRequestDateTime: billingChangedAtMs,
    },
    ProvisionedThroughput: describeThroughput({ readUnits: 0, writeUnits: 0 }),
    ...(onDemandMaximum === undefined
      ? {}
      : {
          OnDemandThroughput: {
            MaxReadRequestUnits: onDemandMaximum.readUnits ?? -1,
            MaxWriteRequestUnits: onDemandMaximum.writeUnits ?? -1,
          },
        }),
  };
}

function describeThroughput({ readUnits, writeUnits }: ProvisionedThroughput) {
  return { NumberOfDecreasesToday: 0, ReadCapacityUnits: readUnits, WriteCapacityUnits: writeUnits };
}

function describeClass({ tableClass, tableClassChangedAtMs }: TableConfig) {
  return { TableClass: tableClass, LastUpdateDateTime: tableClassChangedAtMs };
}

function toKeySchema({ partition, sort }: KeySchema): KeySchemaElement[] {
  const hash: KeySchemaElement = { AttributeName: partition.name, KeyType: 'HASH' };
  return sort === undefined ? [hash] : [hash, { AttributeName: sort.name, KeyType: 'RANGE' }];
}

function toAttributeDefinitions({ partition, sort }: KeySchema): AttributeDefinition[] {
  return [partition, ...(sort === undefined ? [] : [sort])].map(({ name, type }) => ({
    AttributeName: name,
    AttributeType: type,
  }));
}

/** The key schema of a new table. Throws `ValidationException` in the service's words. */
export function parseKeySchema(
  elements: readonly KeySchemaElement[],
  definitions: readonly AttributeDefinition[],
): KeySchema {
  const types = new Map(definitions.map((one) => [one.AttributeName, one.AttributeType]));
  const names = elements.map(({ AttributeName }) => AttributeName);
  const [hash, range] = elements;
  if (hash === undefined) throw errors.invalidValues('Missing the KeySchema');
  checkDefinitions(names, types);
  if (names[0] === names[1]) {
    throw errors.validation(
      'Both the Hash Key and the Range Key element in the KeySchema have the same name',
    );
  }
  if (hash.KeyType !== 'HASH') {
    throw errors.validation('Invalid KeySchema: The first KeySchemaElement is not a HASH key type');
  }
  if (range !== undefined && range.KeyType !== 'RANGE') {
    throw errors.validation('Invalid KeySchema: The second KeySchemaElement is not a RANGE key type');
  }
  if (names.length !== definitions.length) {
    throw errors.invalidValues(
      'Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions',
    );
  }
  const attribute = (name: string) => ({ name, type: types.get(name) ?? 'S' });
  const partition = attribute(hash.AttributeName);
  return range === undefined ? { partition } : { partition, sort: attribute(range.AttributeName) };
}

function checkDefinitions(names: readonly string[], types: ReadonlyMap<string, string>): void {
  const isUndefined = names.some((name) => !types.has(name));
  if (names.length === 1 && isUndefined) {
    throw errors.invalidValues(
      'Some index key attributes are not defined in AttributeDefinitions. ' +
        `Keys: [${names.join(', ')}], AttributeDefinitions: [${[...types.keys()].join(', ')}]`,
    );
  }
  if (isUndefined || (names[0] === names[1] && types.size === 1)) {
    throw errors.validation('Invalid KeySchema: Some index key attribute have no definition');
  }
}

export function parseThroughput(throughput: WireThroughput): ProvisionedThroughput {
  return { readUnits: throughput.ReadCapacityUnits, writeUnits: throughput.WriteCapacityUnits };
}

/** -1 takes a maximum away, as in the API. */
export function parseOnDemandMaximum(given: OnDemandThroughput): NonNullable<TableConfig['onDemandMaximum']> {
  const { MaxReadRequestUnits: readUnits = -1, MaxWriteRequestUnits: writeUnits = -1 } = given;
  return { ...(readUnits < 0 ? {} : { readUnits }), ...(writeUnits < 0 ? {} : { writeUnits }) };
}

export function describeTimeToLive({ timeToLive }: TableRecord): TimeToLiveDescription {
  if (timeToLive?.isEnabled !== true) return { TimeToLiveStatus: 'DISABLED' };
  return { TimeToLiveStatus: 'ENABLED', AttributeName: timeToLive.attributeName };
}
