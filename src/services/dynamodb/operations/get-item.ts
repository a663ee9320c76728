import type { GetItemInput, GetItemOutput } from '../../../api/dynamodb.ts';
import type { Handler } from '../../service.ts';
import { CapacityMeter, readUnits } from '../capacity.ts';
import { compileAnyProjection, readSubstitutions, type Styles } from '../expressions.ts';
import { refuseNestedKeyPaths, requireKey } from '../keys.ts';
import type { DynamodbDependencies } from '../service.ts';
import { requireTable } from '../table-name.ts';

const STYLES: Styles = { expressions: ['ProjectionExpression'], legacy: ['AttributesToGet'] };

/** Every read is consistent here; `ConsistentRead` decides what it costs. */
export function getItem({ tables }: DynamodbDependencies): Handler<GetItemInput, GetItemOutput> {
  return (input, call) => {
    const substitutions = readSubstitutions(input, STYLES);
    const projection = compileAnyProjection(input, substitutions);
    substitutions.assertAllUsed();
    const table = requireTable(tables, call, input.TableName);
    const { key } = requireKey(table, input.Key);
    refuseNestedKeyPaths(table, projection?.paths ?? []);
    const stored = table.get(key);
    call.readAt(stored?.position ?? table.position);
    const meter = new CapacityMeter(input.ReturnConsumedCapacity, table);
    meter.read(readUnits(stored?.sizeBytes ?? 0, input.ConsistentRead));
    return {
      Item: stored === undefined ? undefined : (projection?.project(stored.item) ?? stored.item),
      ConsumedCapacity: meter.consumed(),
    };
  };
}
