import type { UpdateTimeToLiveInput, UpdateTimeToLiveOutput } from '../../../api/dynamodb.ts';
import type { TimeToLive } from '../../../engine/table/table-record.ts';
import type { Handler } from '../../service.ts';
import * as errors from '../errors.ts';
import type { DynamodbDependencies } from '../service.ts';
import { requireNamedTable } from '../table-name.ts';

export function updateTimeToLive({
  tables,
}: DynamodbDependencies): Handler<UpdateTimeToLiveInput, UpdateTimeToLiveOutput> {
  return (input, call) => {
    const table = requireNamedTable(tables, call, input.TableName);
    const { AttributeName: attributeName, Enabled: isEnabled } = input.TimeToLiveSpecification;
    requireChange(table.record.timeToLive, { attributeName, isEnabled });
    call.turn((turn) => tables.update(turn, table, { timeToLive: { attributeName, isEnabled } }));
    return { TimeToLiveSpecification: { AttributeName: attributeName, Enabled: isEnabled } };
  };
}

function requireChange(before: TimeToLive | undefined, after: TimeToLive): void {
  const wasEnabled = before?.isEnabled === true;
  if (!wasEnabled && !after.isEnabled) throw errors.validation('TimeToLive is already disabled');
  if (!wasEnabled || before === undefined) return;
  if (before.attributeName !== after.attributeName) {
    throw errors.validation(
      `TimeToLive is active on a different AttributeName: current AttributeName is ${before.attributeName}`,
    );
  }
  if (after.isEnabled) throw errors.validation('TimeToLive is already enabled');
}
