import { createHash } from 'node:crypto';
import type {
  TransactWriteItem,
  TransactWriteItemsInput,
  TransactWriteItemsOutput,
} from '../../../api/dynamodb.ts';
import type { Call, Handler } from '../../service.ts';
import { writeUnits } from '../capacity.ts';
import * as errors from '../errors.ts';
import type { DynamodbDependencies } from '../service.ts';
import {
  type Attempt,
  attempt,
  refuseEmptyKeys,
  refuseRepeatedKeys,
  requireAll,
  transactionCapacity,
} from '../transaction.ts';
import {
  applyChange,
  type Change,
  planCheck,
  planDelete,
  type PlannedWrite,
  planPut,
  planUpdate,
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
    const spent = call.turn((turn) => {
      const decided = requireAll(plans.map((plan, index) => decide(plan, keys[index], call)));
      if (token !== undefined) tokens.remember(turn, call.scope, token, digest);
      return decided.map(({ plan, key, change, units }) => {
        applyChange(turn, plan.table, key, change);
        return [plan.table, units] as const;
      });
    });
    return {
      ConsumedCapacity: transactionCapacity(input.ReturnConsumedCapacity, 'WriteCapacityUnits', spent),
    };
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
  readonly plan: PlannedWrite;
  readonly key: Key;
  readonly change: Change;
  readonly units: number;
}

function decide(plan: PlannedWrite, key: Attempt<Key> | undefined, call: Call): Attempt<Decided> {
  if (key === undefined || 'reason' in key) return key ?? { reason: { Code: 'None' } };
  return attempt(() => {
    const before = plan.table.get(key.value);
    call.readAt(before?.position ?? plan.table.position);
    const change = plan.decide(before);
    const units = writeUnits(before?.sizeBytes ?? 0, change.kind === 'put' ? change.sizeBytes : 0);
    return { plan, key: key.value, change, units };
  });
}
