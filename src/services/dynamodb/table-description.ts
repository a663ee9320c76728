import type { TableDescription, TableStatus } from '../../api/dynamodb.ts';
import type { Table } from '../../engine/table/table.ts';
import { describeIndexes } from './indexes.ts';
import { describeBilling, describeClass, toAttributeDefinitions, toKeySchema } from './model.ts';

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
    AttributeDefinitions: toAttributeDefinitions(record),
    ItemCount: stats.itemCount,
    TableSizeBytes: stats.sizeBytes,
    DeletionProtectionEnabled: config.isDeletionProtected,
    ...describeBilling(record),
    ...describeIndexes(table),
    ...(config.tableClass === undefined ? {} : { TableClassSummary: describeClass(config) }),
  };
}
