import type { UpdateContinuousBackupsInput, UpdateContinuousBackupsOutput } from '../../../api/dynamodb.ts';
import { notImplementedError } from '../../../base/errors.ts';
import type { Handler } from '../../service.ts';
import * as errors from '../errors.ts';
import type { DynamodbDependencies } from '../service.ts';
import { findTable, tableNameOf } from '../table-name.ts';
import { NO_BACKUPS } from './describe-continuous-backups.ts';

/** Turns off what is off; point-in-time recovery cannot be turned on yet. */
export function updateContinuousBackups({
  tables,
}: DynamodbDependencies): Handler<UpdateContinuousBackupsInput, UpdateContinuousBackupsOutput> {
  return (input, call) => {
    const table = findTable(tables, call, input.TableName);
    if (table === undefined) throw errors.backupTableNotFound(tableNameOf(input.TableName));
    if (input.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled) {
      throw notImplementedError('The parameter PointInTimeRecoveryEnabled of UpdateContinuousBackups');
    }
    call.readAt(table.position);
    return { ContinuousBackupsDescription: NO_BACKUPS };
  };
}
