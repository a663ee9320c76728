import type { ReturnValue, UpdateItemInput, UpdateItemOutput } from '../../../api/dynamodb.ts';
import type { Table } from '../../../engine/table/table.ts';
import type { Item } from '../../../lang/expression/attribute-value.ts';
import { compileAttributeUpdates } from '../../../lang/expression/legacy.ts';
import type { DocumentPath } from '../../../lang/expression/path.ts';
import { projectionOf } from '../../../lang/expression/projection.ts';
import { itemSizeBytes } from '../../../lang/expression/size.ts';
import type { Substitutions } from '../../../lang/expression/substitutions.ts';
import { type CompiledUpdate, compileUpdate } from '../../../lang/expression/update.ts';
import type { Handler } from '../../service.ts';
import { consumedCapacity, writeUnits } from '../capacity.ts';
import * as errors from '../errors.ts';
import { compileWriteCondition, readSubstitutions, type Styles } from '../expressions.ts';
import { keyAttributes, refuseNestedKeyPaths, requireKey } from '../keys.ts';
import { ITEM_SIZE_BYTES_MAX } from '../limits.ts';
import type { DynamodbDependencies } from '../service.ts';
import { requireTable } from '../table-name.ts';

const STYLES: Styles = {
  expressions: ['UpdateExpression', 'ConditionExpression'],
  legacy: ['AttributeUpdates', 'Expected', 'ConditionalOperator'],
};

/** An update without actions makes sure that the item is there. */
const NO_UPDATE: CompiledUpdate = { paths: [], apply: (item) => item };

export function updateItem({ tables }: DynamodbDependencies): Handler<UpdateItemInput, UpdateItemOutput> {
  return (input, call) => {
    const substitutions = readSubstitutions(input, STYLES);
    const update = compileAnyUpdate(input, substitutions);
    const condition = compileWriteCondition(input, substitutions);
    substitutions.assertAllUsed();
    const table = requireTable(tables, call, input.TableName);
    const { key, item: keyItem } = requireKey(table, input.Key);
    refuseKeyUpdates(table, update.paths);
    refuseNestedKeyPaths(table, condition?.paths ?? []);
    const { before, after, sizeBytes } = call.turn((turn) => {
      const stored = table.get(key);
      condition?.check(call, table, stored);
      const updated = update.apply(stored?.item ?? keyItem);
      const updatedSizeBytes = itemSizeBytes(updated);
      if (updatedSizeBytes > ITEM_SIZE_BYTES_MAX) throw errors.updatedItemTooLarge();
      table.put(turn, key, updated, updatedSizeBytes);
      return { before: stored, after: updated, sizeBytes: updatedSizeBytes };
    });
    const units = writeUnits(before?.sizeBytes ?? 0, sizeBytes);
    return {
      Attributes: returnedAttributes(input.ReturnValues, update.paths, before?.item, after),
      ConsumedCapacity: consumedCapacity(input.ReturnConsumedCapacity, table.record.name, units),
    };
  };
}

function compileAnyUpdate(input: UpdateItemInput, substitutions: Substitutions): CompiledUpdate {
  if (input.UpdateExpression !== undefined) return compileUpdate(input.UpdateExpression, substitutions);
  if (input.AttributeUpdates === undefined) return NO_UPDATE;
  return compileAttributeUpdates(input.AttributeUpdates);
}

function refuseKeyUpdates(table: Table, paths: readonly DocumentPath[]): void {
  for (const { name } of keyAttributes(table)) {
    if (paths.some((path) => path[0] === name)) {
      throw errors.invalidValues(`Cannot update attribute ${name}. This attribute is part of the key`);
    }
  }
}

/** `UPDATED_OLD` and `UPDATED_NEW` show what the update names, before and after; nothing there answers nothing. */
function returnedAttributes(
  wanted: ReturnValue | undefined,
  paths: readonly DocumentPath[],
  before: Item | undefined,
  after: Item,
): Item | undefined {
  if (wanted === undefined || wanted === 'NONE') return undefined;
  const item = wanted === 'ALL_OLD' || wanted === 'UPDATED_OLD' ? before : after;
  if (item === undefined || wanted === 'ALL_OLD' || wanted === 'ALL_NEW') return item;
  const shown = projectionOf(paths)(item);
  return Object.keys(shown).length === 0 ? undefined : shown;
}
