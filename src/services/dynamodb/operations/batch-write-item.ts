import type { BatchWriteItemInput, BatchWriteItemOutput, WriteRequest } from '../../../api/dynamodb.ts';
import type { DecodedItem } from '../../../engine/table/item-record.ts';
import type { Table } from '../../../engine/table/table.ts';
import type { Item } from '../../../lang/expression/attribute-value.ts';
import { normalizeItem } from '../../../lang/expression/normalize.ts';
import { itemSizeBytes } from '../../../lang/expression/size.ts';
import type { Key } from '../../../storage/store.ts';
import type { Handler } from '../../service.ts';
import { CapacityMeters } from '../capacity.ts';
import * as errors from '../errors.ts';
import { checkIndexKeys, requireBatchItemKey, requireKey } from '../keys.ts';
import { BATCH_WRITE_ITEMS_MAX, ITEM_SIZE_BYTES_MAX } from '../limits.ts';
import type { DynamodbDependencies } from '../service.ts';
import { requireTable } from '../table-name.ts';
import { requireRoom } from '../write.ts';

/** A put, or a delete where there is no item. */
interface Write {
  readonly table: Table;
  readonly key: Key;
  readonly after: DecodedItem | undefined;
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
    for (const { table, after } of writes) {
      requireRoom(table, { kind: after === undefined ? 'delete' : 'put' });
    }
    const meters = new CapacityMeters(input.ReturnConsumedCapacity);
    call.turn((turn) => {
      for (const { table, key, after } of writes) {
        meters.of(table).write(table.get(key), after);
        if (after === undefined) table.delete(turn, key);
        else table.put(turn, key, after.item, after.sizeBytes);
      }
    });
    return { UnprocessedItems: {}, ConsumedCapacity: meters.consumed() };
  };
}

interface CheckedRequest {
  /** The item to put; undefined for a deletion. */
  readonly after: DecodedItem | undefined;
  readonly deleteKey: Item | undefined;
}

/** What can be said against a request without knowing its table. */
function checkRequest({ PutRequest: put, DeleteRequest: remove }: WriteRequest): CheckedRequest {
  if ((put === undefined) === (remove === undefined)) {
    const count = put === undefined ? 'is empty' : 'has more than one datatypes set';
    throw errors.validation(
      `Supplied AttributeValue ${count}, must contain exactly one of the supported datatypes`,
    );
  }
  if (put === undefined) {
    return { after: undefined, deleteKey: remove === undefined ? undefined : normalizeItem(remove.Key) };
  }
  const item = normalizeItem(put.Item);
  const sizeBytes = itemSizeBytes(item);
  if (sizeBytes > ITEM_SIZE_BYTES_MAX) throw errors.itemTooLarge();
  return { after: { item, sizeBytes }, deleteKey: undefined };
}

function toWrite(table: Table, { after, deleteKey }: CheckedRequest): Write {
  if (after === undefined) return { table, key: requireKey(table, deleteKey ?? {}).key, after };
  const key = requireBatchItemKey(table, after.item);
  checkIndexKeys(table, after.item);
  return { table, key, after };
}
