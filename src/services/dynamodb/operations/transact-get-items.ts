import type { TransactGetItemsInput, TransactGetItemsOutput } from '../../../api/dynamodb.ts';
import { normalizeItem } from '../../../lang/expression/normalize.ts';
import type { Handler } from '../../service.ts';
import { CapacityMeters, readUnits } from '../capacity.ts';
import { compileAnyProjection, readSubstitutions, type Styles } from '../expressions.ts';
import { refuseNestedKeyPaths, requireKey } from '../keys.ts';
import type { DynamodbDependencies } from '../service.ts';
import { requireTable } from '../table-name.ts';
import { attempt, refuseEmptyKeys, refuseRepeatedKeys, requireAll } from '../transaction.ts';

const STYLES: Styles = { expressions: ['ProjectionExpression'], legacy: [] };

/** All items as they are at one instant: no turn comes between two of the reads. */
export function transactGetItems({
  tables,
}: DynamodbDependencies): Handler<TransactGetItemsInput, TransactGetItemsOutput> {
  return (input, call) => {
    const gets = input.TransactItems.map(({ Get: get }) => {
      const substitutions = readSubstitutions(get, STYLES);
      const projection = compileAnyProjection(get, substitutions);
      substitutions.assertAllUsed();
      const keyItem = normalizeItem(get.Key);
      return { table: requireTable(tables, call, get.TableName), keyItem, projection };
    });
    for (const { table, keyItem } of gets) refuseEmptyKeys(table, keyItem);
    const keys = requireAll(
      gets.map(({ table, keyItem, projection }) =>
        attempt(() => {
          refuseNestedKeyPaths(table, projection?.paths ?? []);
          return requireKey(table, keyItem).key;
        }),
      ),
    );
    refuseRepeatedKeys(keys);
    const meters = new CapacityMeters(input.ReturnConsumedCapacity);
    const items = gets.map(({ table, projection }, index) => {
      const stored = table.get(keys[index] ?? '');
      call.readAt(stored?.position ?? table.position);
      meters.of(table).read(readUnits(stored?.sizeBytes ?? 0, true));
      return stored === undefined ? undefined : (projection?.project(stored.item) ?? stored.item);
    });
    return {
      Responses: items.map((item) => (item === undefined ? {} : { Item: item })),
      ConsumedCapacity: meters.consumed('ReadCapacityUnits'),
    };
  };
}
