import type { DeleteItemInput, DeleteItemOutput } from '../../../api/dynamodb.ts';
import type { Handler } from '../../service.ts';
import { CapacityMeter } from '../capacity.ts';
import type { DynamodbDependencies } from '../service.ts';
import { performWrite, planDelete } from '../write.ts';
import { requireOldOrNone } from './put-item.ts';

/** Deleting an item that is not there succeeds, unless a condition says otherwise. */
export function deleteItem({ tables }: DynamodbDependencies): Handler<DeleteItemInput, DeleteItemOutput> {
  return (input, call) => {
    requireOldOrNone(input.ReturnValues);
    const plan = planDelete({ tables, call }, input);
    const { before, after } = performWrite(call, plan);
    const meter = new CapacityMeter(input.ReturnConsumedCapacity, plan.table);
    meter.write(before, after);
    return {
      Attributes: input.ReturnValues === 'ALL_OLD' ? before?.item : undefined,
      ConsumedCapacity: meter.consumed(),
    };
  };
}
