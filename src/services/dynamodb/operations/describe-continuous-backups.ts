import type {
  ContinuousBackupsDescription,
  DescribeContinuousBackupsInput,
  DescribeContinuousBackupsOutput,
} from '../../../api/dynamodb.ts';
import type { Handler } from '../../service.ts';
import * as errors from '../errors.ts';
import type { DynamodbDependencies } from '../service.ts';
import { findTable, tableNameOf } from '../table-name.ts';

/** No table has backups yet, and the answer says so. */
export const NO_BACKUPS: ContinuousBackupsDescription = {
  ContinuousBackupsStatus: 'DISABLED',
  PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' },
};

export function describeContinuousBackups({
  tables,
}: DynamodbDependencies): Handler<DescribeContinuousBackupsInput, DescribeContinuousBackupsOutput> {
  return (input, call) => {
    const table = findTable(tables, call, input.TableName);
    if (table === undefined) throw errors.backupTableNotFound(tableNameOf(input.TableName));
    call.readAt(table.position);
    return { ContinuousBackupsDescription: NO_BACKUPS };
  };
}
