import type { DeleteItemInput, DeleteItemOutput } from '../../../api/dynamodb.ts';
import type { Handler } from '../../service.ts';
import { consumedCapacity, writeUnits } from '../capacity.ts';
import { compileWriteCondition, readSubstitutions } from '../expressions.ts';
import { refuseNestedKeyPaths, requireKey } from '../keys.ts';
import type { DynamodbDependencies } from '../service.ts';
import { requireTable } from '../table-name.ts';
import { requireOldOrNone, WRITE_STYLES } from './put-item.ts';

export function deleteItem({ tables }: DynamodbDependencies): Handler<DeleteItemInput, DeleteItemOutput> {
  return (input, call) => {
    const substitutions = readSubstitutions(input, WRITE_STYLES);
    requireOldOrNone(input.ReturnValues);
    const condition = compileWriteCondition(input, substitutions);
    substitutions.assertAllUsed();
    const table = requireTable(tables, call, input.TableName);
    const { key } = requireKey(table, input.Key);
    refuseNestedKeyPaths(table, condition?.paths ?? []);
    const before = call.turn((turn) => {
      const stored = table.get(key);
      condition?.check(call, table, stored);
      table.delete(turn, key);
      return stored;
    });
    const units = writeUnits(before?.sizeBytes ?? 0, 0);
    return {
      Attributes: input.ReturnValues === 'ALL_OLD' ? before?.item : undefined,
      ConsumedCapacity: consumedCapacity(input.ReturnConsumedCapacity, table.record.name, units),
    };
  };
}
