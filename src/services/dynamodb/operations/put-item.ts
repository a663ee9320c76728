import type { PutItemInput, PutItemOutput } from '../../../api/dynamodb.ts';
import type { Handler } from '../../service.ts';
import { CapacityMeter } from '../capacity.ts';
import * as errors from '../errors.ts';
import type { DynamodbDependencies } from '../service.ts';
import { performWrite, planPut } from '../write.ts';

export function putItem({ tables }: DynamodbDependencies): Handler<PutItemInput, PutItemOutput> {
  return (input, call) => {
    requireOldOrNone(input.ReturnValues);
    const plan = planPut({ tables, call }, input);
    const { before, after } = performWrite(call, plan);
    const meter = new CapacityMeter(input.ReturnConsumedCapacity, plan.table);
    meter.write(before, after);
    return {
      Attributes: input.ReturnValues === 'ALL_OLD' ? before?.item : undefined,
      ConsumedCapacity: meter.consumed(),
    };
  };
}

/** UpdateItem alone can answer more. */
export function requireOldOrNone(returnValues: string | undefined): void {
  if (returnValues === undefined || returnValues === 'NONE' || returnValues === 'ALL_OLD') return;
  throw errors.validation('ReturnValues can only be ALL_OLD or NONE');
}
