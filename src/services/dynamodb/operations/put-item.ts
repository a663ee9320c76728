import type { PutItemInput, PutItemOutput } from '../../../api/dynamodb.ts';
import { normalizeItem } from '../../../lang/expression/normalize.ts';
import { itemSizeBytes } from '../../../lang/expression/size.ts';
import type { Handler } from '../../service.ts';
import { consumedCapacity, writeUnits } from '../capacity.ts';
import * as errors from '../errors.ts';
import { compileWriteCondition, readSubstitutions, type Styles } from '../expressions.ts';
import { refuseNestedKeyPaths, requireItemKey } from '../keys.ts';
import { ITEM_SIZE_BYTES_MAX } from '../limits.ts';
import type { DynamodbDependencies } from '../service.ts';
import { requireTable } from '../table-name.ts';

/** The parameters of PutItem and DeleteItem that say the same in two ways. */
export const WRITE_STYLES: Styles = {
  expressions: ['ConditionExpression'],
  legacy: ['Expected', 'ConditionalOperator'],
};

export function putItem({ tables }: DynamodbDependencies): Handler<PutItemInput, PutItemOutput> {
  return (input, call) => {
    const substitutions = readSubstitutions(input, WRITE_STYLES);
    const item = normalizeItem(input.Item);
    requireOldOrNone(input.ReturnValues);
    const sizeBytes = itemSizeBytes(item);
    if (sizeBytes > ITEM_SIZE_BYTES_MAX) throw errors.itemTooLarge();
    const condition = compileWriteCondition(input, substitutions);
    substitutions.assertAllUsed();
    const table = requireTable(tables, call, input.TableName);
    const key = requireItemKey(table, item);
    refuseNestedKeyPaths(table, condition?.paths ?? []);
    const before = call.turn((turn) => {
      const stored = table.get(key);
      condition?.check(call, table, stored);
      table.put(turn, key, item, sizeBytes);
      return stored;
    });
    const units = writeUnits(before?.sizeBytes ?? 0, sizeBytes);
    return {
      Attributes: input.ReturnValues === 'ALL_OLD' ? before?.item : undefined,
      ConsumedCapacity: consumedCapacity(input.ReturnConsumedCapacity, table.record.name, units),
    };
  };
}

/** UpdateItem alone can answer more. */
export function requireOldOrNone(returnValues: string | undefined): void {
  if (returnValues === undefined || returnValues === 'NONE' || returnValues === 'ALL_OLD') return;
  throw errors.validation('ReturnValues can only be ALL_OLD or NONE');
}
