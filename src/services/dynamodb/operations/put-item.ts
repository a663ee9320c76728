import type { PutItemInput, PutItemOutput } from '../../../api/dynamodb.ts';
import type { Handler } from '../../service.ts';
import { consumedCapacity, writeUnits } from '../capacity.ts';
import * as errors from '../errors.ts';
import type { DynamodbDependencies } from '../service.ts';
import { performWrite, planPut } from '../write.ts';

export function putItem({ tables }: DynamodbDependencies): Handler<PutItemInput, PutItemOutput> {
  return (input, call) => {
    requireOldOrNone(input.ReturnValues);
    const plan = planPut({ tables, call }, input);
    const { before, sizeBytes } = performWrite(call, plan);
    const units = writeUnits(before?.sizeBytes ?? 0, sizeBytes);
    return {
      Attributes: input.ReturnValues === 'ALL_OLD' ? before?.item : undefined,
      ConsumedCapacity: consumedCapacity(input.ReturnConsumedCapacity, plan.table.record.name, units),
    };
  };
}

/** UpdateItem alone can answer more. */
export function requireOldOrNone(returnValues: string | undefined): void {
  if (returnValues === undefined || returnValues === 'NONE' || returnValues === 'ALL_OLD') return;
  throw errors.validation('ReturnValues can only be ALL_OLD or NONE');
}
