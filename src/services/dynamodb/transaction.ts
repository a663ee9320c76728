/** What the operations on transactions share. */
import type { CancellationReason } from '../../api/dynamodb.ts';
import { AwsError } from '../../base/errors.ts';
import type { Table } from '../../engine/table/table.ts';
import type { Item } from '../../lang/expression/attribute-value.ts';
import { attributeOf } from '../../lang/expression/attribute-value.ts';
import type { Key } from '../../storage/store.ts';
import * as errors from './errors.ts';
import { keyAttributes } from './keys.ts';

const NO_REASON: CancellationReason = { Code: 'None' };

/** The reason that an error is for cancelling. Rethrows what is no answer to the caller. */
function toReason(error: unknown): CancellationReason {
  if (!(error instanceof AwsError)) throw error;
  if (error.code === 'ValidationException') return { Code: 'ValidationError', Message: error.message };
  if (error.code !== 'ConditionalCheckFailedException') throw error;
  const item = error.members['Item'] as Item | undefined;
  return {
    Code: 'ConditionalCheckFailed',
    Message: error.message,
    ...(item === undefined ? {} : { Item: item }),
  };
}

/** Either what `attempt` answers or why it could not. */
export type Attempt<T> = { readonly value: T } | { readonly reason: CancellationReason };

export function attempt<T>(run: () => T): Attempt<T> {
  try {
    return { value: run() };
  } catch (error) {
    return { reason: toReason(error) };
  }
}

/** All values, or the cancellation with the reason of each part. */
export function requireAll<T>(attempts: readonly Attempt<T>[]): T[] {
  const reasons = attempts.map((one) => ('reason' in one ? one.reason : NO_REASON));
  if (reasons.some((reason) => reason !== NO_REASON)) throw errors.transactionCanceled(reasons);
  return attempts.flatMap((one) => ('value' in one ? [one.value] : []));
}

/** An empty key refuses the request as a whole; other faults of keys are reasons for cancelling. */
export function refuseEmptyKeys(table: Table, item: Item): void {
  for (const { name } of keyAttributes(table)) {
    const value = attributeOf(item, name);
    if (value?.S === '') throw errors.emptyKeyValue(name, 'string');
    if (value?.B?.byteLength === 0) throw errors.emptyKeyValue(name, 'binary');
  }
}

/** An item takes part in a transaction once. */
export function refuseRepeatedKeys(keys: readonly Key[]): void {
  if (new Set(keys).size !== keys.length) throw errors.repeatedTransactionItem();
}
