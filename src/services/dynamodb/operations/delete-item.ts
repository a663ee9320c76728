import type { DeleteItemInput, DeleteItemOutput } from '../../../api/dynamodb.ts';
import type { Handler } from '../../service.ts';
import { consumedCapacity, writeUnits } from '../capacity.ts';
import type { DynamodbDependencies } from '../service.ts';
import { performWrite, planDelete } from '../write.ts';
import { requireOldOrNone } from './put-item.ts';

/** Deleting an item that is not there succeeds, unless a condition says otherwise. */
export function deleteItem({ tables }: DynamodbDependencies): Handler<DeleteItemInput, DeleteItemOutput> {
  return (input, call) => {
    requireOldOrNone(input.ReturnValues);
    const plan = planDelete({ tables, call }, input);
    const { before } = performWrite(call, plan);
    const units = writeUnits(before?.sizeBytes ?? 0, 0);
    return {
      Attributes: input.ReturnValues === 'ALL_OLD' ? before?.item : undefined,
      ConsumedCapacity: consumedCapacity(input.ReturnConsumedCapacity, plan.table.record.name, units),
    };
  };
}
