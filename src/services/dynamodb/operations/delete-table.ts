import type { DeleteTableInput, DeleteTableOutput } from '../../../api/dynamodb.ts';
import type { Handler } from '../../service.ts';
import * as errors from '../errors.ts';
import { describeTable } from '../table-description.ts';
import type { DynamodbDependencies } from '../service.ts';
import { requireNamedTable } from '../table-name.ts';

/** The table and its items are gone with one commit: the name can be used again at once. */
export function deleteTable({ tables }: DynamodbDependencies): Handler<DeleteTableInput, DeleteTableOutput> {
  return (input, call) => {
    const table = requireNamedTable(tables, call, input.TableName);
    if (table.record.config.isDeletionProtected) throw errors.tableIsProtected();
    call.turn((turn) => tables.delete(turn, table));
    return { TableDescription: describeTable(table, 'DELETING') };
  };
}
