import { createHash } from 'node:crypto';
import type {
  TransactWriteItem,
  TransactWriteItemsInput,
  TransactWriteItemsOutput,
} from '../../../api/dynamodb.ts';
import type { StoredItem } from '../../../engine/table/item-cache.ts';
import type { Table } from '../../../engine/table/table.ts';
import type { Call, Handler } from '../../service.ts';
import { CapacityMeters } from '../capacity.ts';
import * as errors from '../errors.ts';
import type { DynamodbDependencies } from '../service.ts';
import { type Attempt, attempt, refuseEmptyKeys, refuseRepeatedKeys, requireAll } from '../transaction.ts';
import {
  applyChange,
  type Change,
  itemAfter,
  planCheck,
  planDelete,
  type PlannedWrite,
  planPut,
  planUpdate,
  requireRoom,
  type WriteContext,
} from '../write.ts';
import type { Key } from '../../../storage/store.ts';

/** All writes, or none and the reasons. One turn decides and makes them, so nothing can come between. */
export function transactWriteItems({
  tables,
  tokens,
}: DynamodbDependencies): Handler<TransactWriteItemsInput, TransactWriteItemsOutput> {
  return (input, call) => {
    const { ClientRequestToken: token } = input;
    const digest = token === undefined ? '' : digestOf(input);
    const earlier = token === undefined ? undefined : tokens.find(call.scope, token);
    if (earlier !== undefined) {
      call.readAt(earlier.position);
      if (earlier.digest !== digest) throw errors.idempotentParameterMismatch();
      return {};
    }
    const plans = input.TransactItems.map((item) => planItem({ tables, call }, item));
    for (const plan of plans) refuseEmptyKeys(plan.table, plan.keyItem);
    const keys = plans.map((plan) => attempt(() => plan.locate()));
    refuseRepeatedKeys(keys.flatMap((key) => ('value' in key ? [key.value] : [])));
    const meters = new CapacityMeters(input.ReturnConsumedCapacity);
    call.turn((turn) => {
      const decided = requireAll(plans.map((plan, index) => decide(plan, keys[index], call)));
      for (const { table, change } of decided) requireRoom(table, change);
      if (token !== undefined) tokens.remember(turn, call.scope, token, digest);
      for (const { table, key, before, change } of decided) {
        meters.of(table).write(before, itemAfter(before, change));
        applyChange(turn, table, key, change);
      }
    });
    return { ConsumedCapacity: meters.consumed('WriteCapacityUnits') };
  };
}

function digestOf(input: TransactWriteItemsInput): string {
  return createHash('sha256').update(JSON.stringify(input.TransactItems)).digest('base64');
}

function planItem(context: WriteContext, item: TransactWriteItem): PlannedWrite {
  const { ConditionCheck: check, Put: put, Update: update, Delete: remove } = item;
  const given = [check, put, update, remove].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw errors.validation('TransactItems can only contain one of Check, Put, Update or Delete');
  }
  if (put !== undefined) return planPut(context, put);
  if (update !== undefined) return planUpdate(context, update);
  if (remove !== undefined) return planDelete(context, remove);
  return planCheck(context, check as NonNullable<typeof check>);
}

interface Decided {
  readonly table: Table;
  readonly key: Key;
  readonly before: StoredItem | undefined;
  readonly change: Change;
}

function decide(plan: PlannedWrite, key: Attempt<Key> | undefined, call: Call): Attempt<Decided> {
  if (key === undefined || 'reason' in key) return key ?? { reason: { Code: 'None' } };
  const { table } = plan;
  return attempt(() => {
    const before = table.get(key.value);
    call.readAt(before?.position ?? table.position);
    return { table, key: key.value, before, change: plan.decide(before) };
  });
}
