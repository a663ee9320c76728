/** Amazon DynamoDB: the table of its operations. Streams, PartiQL, backups and replicas are not built yet. */
import type { DynamodbOperations } from '../../api/dynamodb.ts';
import type { Tables } from '../../engine/table/tables.ts';
import type { TransactionTokens } from '../../engine/table/transaction-tokens.ts';
import { type HandlerTable, notImplemented, type Service } from '../service.ts';
import { batchGetItem } from './operations/batch-get-item.ts';
import { batchWriteItem } from './operations/batch-write-item.ts';
import { createTable } from './operations/create-table.ts';
import { deleteItem } from './operations/delete-item.ts';
import { deleteTable } from './operations/delete-table.ts';
import { describeContinuousBackups } from './operations/describe-continuous-backups.ts';
import { describeEndpoints } from './operations/describe-endpoints.ts';
import { describeLimits } from './operations/describe-limits.ts';
import { describeTable } from './operations/describe-table.ts';
import { describeTimeToLive } from './operations/describe-time-to-live.ts';
import { getItem } from './operations/get-item.ts';
import { listTables } from './operations/list-tables.ts';
import { listTagsOfResource } from './operations/list-tags-of-resource.ts';
import { putItem } from './operations/put-item.ts';
import { query } from './operations/query.ts';
import { scan } from './operations/scan.ts';
import { tagResource } from './operations/tag-resource.ts';
import { transactGetItems } from './operations/transact-get-items.ts';
import { transactWriteItems } from './operations/transact-write-items.ts';
import { untagResource } from './operations/untag-resource.ts';
import { updateContinuousBackups } from './operations/update-continuous-backups.ts';
import { updateItem } from './operations/update-item.ts';
import { updateTable } from './operations/update-table.ts';
import { updateTimeToLive } from './operations/update-time-to-live.ts';

export interface DynamodbDependencies {
  readonly tables: Tables;
  readonly tokens: TransactionTokens;
}

export function createDynamodbService(dependencies: DynamodbDependencies): Service {
  return {
    id: 'dynamodb',
    handlers: {
      BatchExecuteStatement: notImplemented,
      BatchGetItem: batchGetItem(dependencies),
      BatchWriteItem: batchWriteItem(dependencies),
      CreateBackup: notImplemented,
      CreateGlobalTable: notImplemented,
      CreateTable: createTable(dependencies),
      DeleteBackup: notImplemented,
      DeleteItem: deleteItem(dependencies),
      DeleteResourcePolicy: notImplemented,
      DeleteTable: deleteTable(dependencies),
      DescribeBackup: notImplemented,
      DescribeContinuousBackups: describeContinuousBackups(dependencies),
      DescribeContributorInsights: notImplemented,
      DescribeEndpoints: describeEndpoints(),
      DescribeExport: notImplemented,
      DescribeGlobalTable: notImplemented,
      DescribeGlobalTableSettings: notImplemented,
      DescribeImport: notImplemented,
      DescribeKinesisStreamingDestination: notImplemented,
      DescribeLimits: describeLimits(),
      DescribeTable: describeTable(dependencies),
      DescribeTableReplicaAutoScaling: notImplemented,
      DescribeTimeToLive: describeTimeToLive(dependencies),
      DisableKinesisStreamingDestination: notImplemented,
      EnableKinesisStreamingDestination: notImplemented,
      ExecuteStatement: notImplemented,
      ExecuteTransaction: notImplemented,
      ExportTableToPointInTime: notImplemented,
      GetItem: getItem(dependencies),
      GetResourcePolicy: notImplemented,
      ImportTable: notImplemented,
      ListBackups: notImplemented,
      ListContributorInsights: notImplemented,
      ListExports: notImplemented,
      ListGlobalTables: notImplemented,
      ListImports: notImplemented,
      ListTables: listTables(dependencies),
      ListTagsOfResource: listTagsOfResource(dependencies),
      PutItem: putItem(dependencies),
      PutResourcePolicy: notImplemented,
      Query: query(dependencies),
      RestoreTableFromBackup: notImplemented,
      RestoreTableToPointInTime: notImplemented,
      Scan: scan(dependencies),
      TagResource: tagResource(dependencies),
      TransactGetItems: transactGetItems(dependencies),
      TransactWriteItems: transactWriteItems(dependencies),
      UntagResource: untagResource(dependencies),
      UpdateContinuousBackups: updateContinuousBackups(dependencies),
      UpdateContributorInsights: notImplemented,
      UpdateGlobalTable: notImplemented,
      UpdateGlobalTableSettings: notImplemented,
      UpdateItem: updateItem(dependencies),
      UpdateKinesisStreamingDestination: notImplemented,
      UpdateTable: updateTable(dependencies),
      UpdateTableReplicaAutoScaling: notImplemented,
      UpdateTimeToLive: updateTimeToLive(dependencies),
    } satisfies HandlerTable<DynamodbOperations>,
  };
}
