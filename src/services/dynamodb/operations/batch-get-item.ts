import { setImmediate } from 'node:timers/promises';
import type { BatchGetItemInput, BatchGetItemOutput, KeysAndAttributes } from '../../../api/dynamodb.ts';
import type { Table } from '../../../engine/table/table.ts';
import type { Item } from '../../../lang/expression/attribute-value.ts';
import type { Key } from '../../../storage/store.ts';
import type { Call, Handler } from '../../service.ts';
import { CapacityMeters, readUnits } from '../capacity.ts';
import * as errors from '../errors.ts';
import { compileAnyProjection, readSubstitutions, type Styles } from '../expressions.ts';
import { refuseNestedKeyPaths, requireKey } from '../keys.ts';
import { BATCH_GET_ITEMS_MAX, BATCH_GET_SIZE_BYTES_MAX } from '../limits.ts';
import type { DynamodbDependencies } from '../service.ts';
import { requireTable } from '../table-name.ts';

const STYLES: Styles = { expressions: ['ProjectionExpression'], legacy: ['AttributesToGet'] };

/** Read before others are let in. */
const SLICE_SIZE_BYTES = 256 * 1024;

/** What is asked of one table. */
interface Lookup {
  /** As the request calls the table, and so the answer. */
  readonly name: string;
  readonly request: KeysAndAttributes;
  readonly table: Table;
  readonly keys: readonly Key[];
  readonly project: (item: Item) => Item;
}

export function batchGetItem({
  tables,
}: DynamodbDependencies): Handler<BatchGetItemInput, BatchGetItemOutput> {
  return (input, call) => {
    const requests = Object.entries(input.RequestItems);
    const count = requests.reduce((sum, [, { Keys }]) => sum + Keys.length, 0);
    if (count > BATCH_GET_ITEMS_MAX) throw errors.batchTooLarge('BatchGetItem');
    const projections = requests.map(([, request]) => compileLookup(request));
    const lookups = requests.map(([name, request], index): Lookup => {
      const table = requireTable(tables, call, name);
      const projection = projections[index];
      refuseNestedKeyPaths(table, projection?.paths ?? []);
      const keys = request.Keys.map((key) => requireKey(table, key).key);
      if (new Set(keys).size !== keys.length) throw errors.duplicateKeys();
      return { name, request, table, keys, project: projection?.project ?? ((item) => item) };
    });
    return answer(lookups, input, call);
  };
}

function compileLookup(request: KeysAndAttributes) {
  const substitutions = readSubstitutions(request, STYLES);
  const projection = compileAnyProjection(request, substitutions);
  substitutions.assertAllUsed();
  return projection;
}

/** Reads until 16 MB; the keys beyond go back to the caller, who asks again. */
async function answer(
  lookups: readonly Lookup[],
  input: BatchGetItemInput,
  call: Call,
): Promise<BatchGetItemOutput> {
  const responses: [string, Item[]][] = [];
  const unprocessed: [string, KeysAndAttributes][] = [];
  const meters = new CapacityMeters(input.ReturnConsumedCapacity);
  let sizeBytes = 0;
  let sliceSizeBytes = 0;
  for (const { name, request, table, keys, project } of lookups) {
    const items: Item[] = [];
    let index = 0;
    for (; index < keys.length && sizeBytes < BATCH_GET_SIZE_BYTES_MAX; index += 1) {
      const stored = table.get(keys[index] as Key);
      call.readAt(stored?.position ?? table.position);
      meters.of(table).read(readUnits(stored?.sizeBytes ?? 0, request.ConsistentRead));
      if (stored === undefined) continue;
      sizeBytes += stored.sizeBytes;
      sliceSizeBytes += stored.sizeBytes;
      if (sliceSizeBytes > SLICE_SIZE_BYTES) {
        sliceSizeBytes = 0;
        await setImmediate();
      }
      items.push(project(stored.item));
    }
    responses.push([name, items]);
    if (index < keys.length) unprocessed.push([name, { ...request, Keys: request.Keys.slice(index) }]);
  }
  return {
    Responses: Object.fromEntries(responses),
    UnprocessedKeys: Object.fromEntries(unprocessed),
    ConsumedCapacity: meters.consumed(),
  };
}
