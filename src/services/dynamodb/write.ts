/**
 * One write of one item, planned before the turn in which it happens. PutItem, UpdateItem and DeleteItem perform one
 * plan, a transaction several at once: what they check and in which words is the same.
 */
import type { AttributeValueUpdate, ExpectedAttributeValue } from '../../api/dynamodb.ts';
import type { DecodedItem } from '../../engine/table/item-record.ts';
import type { StoredItem } from '../../engine/table/item-cache.ts';
import type { Table } from '../../engine/table/table.ts';
import type { Tables } from '../../engine/table/tables.ts';
import type { Turn } from '../../engine/loop.ts';
import type { Item } from '../../lang/expression/attribute-value.ts';
import { compileAttributeUpdates } from '../../lang/expression/legacy.ts';
import { normalizeItem } from '../../lang/expression/normalize.ts';
import type { DocumentPath } from '../../lang/expression/path.ts';
import { itemSizeBytes } from '../../lang/expression/size.ts';
import type { SubstitutionInput, Substitutions } from '../../lang/expression/substitutions.ts';
import { type CompiledUpdate, compileUpdate } from '../../lang/expression/update.ts';
import type { Key } from '../../storage/store.ts';
import type { Call } from '../service.ts';
import * as errors from './errors.ts';
import {
  type ConditionInput,
  compileWriteCondition,
  readSubstitutions,
  type Styles,
  type WriteCondition,
} from './expressions.ts';
import { checkIndexKeys, keyAttributes, refuseNestedKeyPaths, requireItemKey, requireKey } from './keys.ts';
import { ITEM_SIZE_BYTES_MAX } from './limits.ts';
import { requireTable } from './table-name.ts';

/** What becomes of an item. */
export type Change =
  | { readonly kind: 'put'; readonly item: Item; readonly sizeBytes: number }
  | { readonly kind: 'delete' }
  | { readonly kind: 'keep' };

export interface PlannedWrite {
  readonly table: Table;
  /** The attributes in which the key was given; canonical. */
  readonly keyItem: Item;
  /** The paths that an update changes. */
  readonly paths: readonly DocumentPath[];
  /** The item's key. Throws `ValidationException` when the given one does not fit the table. */
  readonly locate: () => Key;
  /** Changes nothing. Throws when the condition fails or the item does not fit the update. */
  readonly decide: (before: StoredItem | undefined) => Change;
}

export interface WriteContext {
  readonly tables: Tables;
  readonly call: Call;
}

interface WriteInput extends ConditionInput, SubstitutionInput {
  readonly TableName: string;
}

export interface PutInput extends WriteInput {
  readonly Item: Item;
}

export interface KeyInput extends WriteInput {
  readonly Key: Item;
}

export interface UpdateInput extends KeyInput {
  readonly UpdateExpression?: string | undefined;
  readonly AttributeUpdates?: { readonly [name: string]: AttributeValueUpdate } | undefined;
  readonly Expected?: { readonly [name: string]: ExpectedAttributeValue } | undefined;
}

const WRITE_STYLES: Styles = {
  expressions: ['ConditionExpression'],
  legacy: ['Expected', 'ConditionalOperator'],
};

const UPDATE_STYLES: Styles = {
  expressions: ['UpdateExpression', 'ConditionExpression'],
  legacy: ['AttributeUpdates', 'Expected', 'ConditionalOperator'],
};

const DELETE: Change = { kind: 'delete' };
const KEEP: Change = { kind: 'keep' };

export function planPut({ tables, call }: WriteContext, input: PutInput): PlannedWrite {
  const substitutions = readSubstitutions(input, WRITE_STYLES);
  const item = normalizeItem(input.Item);
  const sizeBytes = itemSizeBytes(item);
  if (sizeBytes > ITEM_SIZE_BYTES_MAX) throw errors.itemTooLarge();
  const condition = compileWriteCondition(input, substitutions);
  substitutions.assertAllUsed();
  const table = requireTable(tables, call, input.TableName);
  const put: Change = { kind: 'put', item, sizeBytes };
  return {
    table,
    keyItem: item,
    paths: [],
    locate: () => {
      const key = requireItemKey(table, item);
      checkIndexKeys(table, item);
      refuseNestedKeyPaths(table, condition?.paths ?? []);
      return key;
    },
    decide: (before) => {
      condition?.check(before?.item);
      return put;
    },
  };
}

export function planDelete(context: WriteContext, input: KeyInput): PlannedWrite {
  return planByKey(context, input, DELETE);
}

/** A condition that guards the other writes of a transaction. */
export function planCheck(context: WriteContext, input: KeyInput): PlannedWrite {
  return planByKey(context, input, KEEP);
}

function planByKey({ tables, call }: WriteContext, input: KeyInput, change: Change): PlannedWrite {
  const substitutions = readSubstitutions(input, WRITE_STYLES);
  const condition = compileWriteCondition(input, substitutions);
  substitutions.assertAllUsed();
  const keyItem = normalizeItem(input.Key);
  const table = requireTable(tables, call, input.TableName);
  return {
    table,
    keyItem,
    paths: [],
    locate: () => locateByKey(table, keyItem, condition),
    decide: (before) => {
      condition?.check(before?.item);
      return change;
    },
  };
}

export function planUpdate({ tables, call }: WriteContext, input: UpdateInput): PlannedWrite {
  const substitutions = readSubstitutions(input, UPDATE_STYLES);
  const update = compileAnyUpdate(input, substitutions);
  const condition = compileWriteCondition(input, substitutions);
  substitutions.assertAllUsed();
  const keyItem = normalizeItem(input.Key);
  const table = requireTable(tables, call, input.TableName);
  return {
    table,
    keyItem,
    paths: update.paths,
    locate: () => {
      const key = locateByKey(table, keyItem, condition);
      refuseKeyUpdates(table, update.paths);
      return key;
    },
    decide: (before) => {
      condition?.check(before?.item);
      const item = update.apply(before?.item ?? keyItem);
      const sizeBytes = itemSizeBytes(item);
      if (sizeBytes > ITEM_SIZE_BYTES_MAX) throw errors.updatedItemTooLarge();
      checkIndexKeys(table, item, before?.item);
      return { kind: 'put', item, sizeBytes };
    },
  };
}

/** An update without actions makes sure that the item is there. */
const NO_UPDATE: CompiledUpdate = { paths: [], apply: (item) => item };

function compileAnyUpdate(input: UpdateInput, substitutions: Substitutions): CompiledUpdate {
  if (input.UpdateExpression !== undefined) return compileUpdate(input.UpdateExpression, substitutions);
  if (input.AttributeUpdates === undefined) return NO_UPDATE;
  return compileAttributeUpdates(input.AttributeUpdates);
}

function locateByKey(table: Table, keyItem: Item, condition: WriteCondition | undefined): Key {
  const { key } = requireKey(table, keyItem);
  refuseNestedKeyPaths(table, condition?.paths ?? []);
  return key;
}

function refuseKeyUpdates(table: Table, paths: readonly DocumentPath[]): void {
  for (const { name } of keyAttributes(table)) {
    if (paths.some((path) => path[0] === name)) {
      throw errors.invalidValues(`Cannot update attribute ${name}. This attribute is part of the key`);
    }
  }
}

export interface PerformedWrite {
  readonly before: StoredItem | undefined;
  /** Undefined for none. */
  readonly after: DecodedItem | undefined;
}

/** Performs one write in a turn of its own. */
export function performWrite(call: Call, plan: PlannedWrite): PerformedWrite {
  const { table } = plan;
  const key = plan.locate();
  return call.turn((turn) => {
    const before = table.get(key);
    // A refusal tells what was read, and waits for no more than that.
    call.readAt(before?.position ?? table.position);
    const change = plan.decide(before);
    requireRoom(table, change);
    applyChange(turn, table, key, change);
    return { before, after: itemAfter(before, change) };
  });
}

/** The item as a change leaves it. */
export function itemAfter(before: StoredItem | undefined, change: Change): DecodedItem | undefined {
  if (change.kind === 'keep') return before;
  return change.kind === 'put' ? change : undefined;
}

/** Refuses to put what the disk may not hold, before anything is changed. */
export function requireRoom(table: Table, { kind }: Pick<Change, 'kind'>): void {
  if (kind === 'put' && !table.acceptsWrites) throw errors.diskIsFull();
}

export function applyChange(turn: Turn, table: Table, key: Key, change: Change): void {
  if (change.kind === 'put') table.put(turn, key, change.item, change.sizeBytes);
  else if (change.kind === 'delete') table.delete(turn, key);
}
