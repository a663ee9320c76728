import type { BatchWriteItemInput, BatchWriteItemOutput, WriteRequest } from '../../../api/dynamodb.ts';
import type { Table } from '../../../engine/table/table.ts';
import type { Item } from '../../../lang/expression/attribute-value.ts';
import { normalizeItem } from '../../../lang/expression/normalize.ts';
import { itemSizeBytes } from '../../../lang/expression/size.ts';
import type { Key } from '../../../storage/store.ts';
import type { Handler } from '../../service.ts';
import { consumedCapacity, writeUnits } from '../capacity.ts';
import * as errors from '../errors.ts';
import { requireBatchItemKey, requireKey } from '../keys.ts';
import { BATCH_WRITE_ITEMS_MAX, ITEM_SIZE_BYTES_MAX } from '../limits.ts';
import type { DynamodbDependencies } from '../service.ts';
import { requireTable } from '../table-name.ts';

/** A put, or a delete where there is no item. */
interface Write {
  readonly table: Table;
  readonly key: Key;
  readonly item: Item | undefined;
  readonly sizeBytes: number;
}

/** All writes of a batch are one commit; AWS promises that of each alone. So nothing is left unprocessed. */
export function batchWriteItem({
  tables,
}: DynamodbDependencies): Handler<BatchWriteItemInput, BatchWriteItemOutput> {
  return (input, call) => {
    const requests = Object.entries(input.RequestItems);
    const count = requests.reduce((sum, [, writes]) => sum + writes.length, 0);
    if (count > BATCH_WRITE_ITEMS_MAX) throw errors.batchTooLarge('BatchWriteItem');
    const checked = requests.map(([name, writes]) => [name, writes.map(checkRequest)] as const);
    const writes = checked.flatMap(([name, list]) => {
      const table = requireTable(tables, call, name);
      return list.map((request) => toWrite(table, request));
    });
    if (new Set(writes.map(({ key }) => key)).size !== writes.length) throw errors.duplicateKeys();
    const units = new Map<Table, number>();
    call.turn((turn) => {
      for (const { table, key, item, sizeBytes } of writes) {
        const before = table.get(key)?.sizeBytes ?? 0;
        units.set(table, (units.get(table) ?? 0) + writeUnits(before, sizeBytes));
        if (item === undefined) table.delete(turn, key);
        else table.put(turn, key, item, sizeBytes);
      }
    });
    const capacity = [...units].map(([table, spent]) =>
      consumedCapacity(input.ReturnConsumedCapacity, table.record.name, spent),
    );
    return {
      UnprocessedItems: {},
      ConsumedCapacity: capacity.every((consumed) => consumed !== undefined) ? capacity : undefined,
    };
  };
}

/** What can be said against a request without knowing its table. */
function checkRequest({ PutRequest: put, DeleteRequest: remove }: WriteRequest): Omit<
  Write,
  'table' | 'key'
> & {
  readonly deleteKey: Item | undefined;
} {
  if ((put === undefined) === (remove === undefined)) {
    throw errors.validation(
      put === undefined
        ? 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'
        : 'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  }
  const item = put === undefined ? undefined : normalizeItem(put.Item);
  const sizeBytes = item === undefined ? 0 : itemSizeBytes(item);
  if (sizeBytes > ITEM_SIZE_BYTES_MAX) throw errors.itemTooLarge();
  return { item, sizeBytes, deleteKey: remove === undefined ? undefined : normalizeItem(remove.Key) };
}

function toWrite(table: Table, { item, sizeBytes, deleteKey }: ReturnType<typeof checkRequest>): Write {
  const key = item === undefined ? requireKey(table, deleteKey ?? {}).key : requireBatchItemKey(table, item);
  return { table, key, item, sizeBytes };
}
