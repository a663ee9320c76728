import type { ReturnValue, UpdateItemInput, UpdateItemOutput } from '../../../api/dynamodb.ts';
import type { Item } from '../../../lang/expression/attribute-value.ts';
import type { DocumentPath } from '../../../lang/expression/path.ts';
import { projectionOf } from '../../../lang/expression/projection.ts';
import type { Handler } from '../../service.ts';
import { CapacityMeter } from '../capacity.ts';
import type { DynamodbDependencies } from '../service.ts';
import { performWrite, planUpdate } from '../write.ts';

export function updateItem({ tables }: DynamodbDependencies): Handler<UpdateItemInput, UpdateItemOutput> {
  return (input, call) => {
    const plan = planUpdate({ tables, call }, input);
    const { before, after } = performWrite(call, plan);
    const meter = new CapacityMeter(input.ReturnConsumedCapacity, plan.table);
    meter.write(before, after);
    return {
      Attributes: returnedAttributes(input.ReturnValues, plan.paths, before?.item, after?.item),
      ConsumedCapacity: meter.consumed(),
    };
  };
}

/** `UPDATED_OLD` and `UPDATED_NEW` show what the update names, before and after; nothing there answers nothing. */
function returnedAttributes(
  wanted: ReturnValue | undefined,
  paths: readonly DocumentPath[],
  before: Item | undefined,
  after: Item | undefined,
): Item | undefined {
  if (wanted === undefined || wanted === 'NONE') return undefined;
  const item = wanted === 'ALL_OLD' || wanted === 'UPDATED_OLD' ? before : after;
  if (item === undefined || wanted === 'ALL_OLD' || wanted === 'ALL_NEW') return item;
  const shown = projectionOf(paths)(item);
  return Object.keys(shown).length === 0 ? undefined : shown;
}
