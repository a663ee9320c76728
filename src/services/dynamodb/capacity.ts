/** Capacity units as DynamoDB counts them: 4 KB a read, half when eventually consistent; 1 KB a write. */
import type { ConsumedCapacity, ReturnConsumedCapacity } from '../../api/dynamodb.ts';
import { READ_UNIT_SIZE_BYTES, WRITE_UNIT_SIZE_BYTES } from './limits.ts';

/** Nothing read costs as much as one item read. */
export function readUnits(sizeBytes: number, isConsistent: boolean | undefined): number {
  const units = Math.max(1, Math.ceil(sizeBytes / READ_UNIT_SIZE_BYTES));
  return isConsistent === true ? units : units / 2;
}

/** A write costs the larger of the item before and the item after. */
export function writeUnits(sizeBytesBefore: number, sizeBytesAfter: number): number {
  return Math.max(1, Math.ceil(Math.max(sizeBytesBefore, sizeBytesAfter) / WRITE_UNIT_SIZE_BYTES));
}

/** What the caller asked to be told, if anything. */
export function consumedCapacity(
  asked: ReturnConsumedCapacity | undefined,
  tableName: string,
  units: number,
): ConsumedCapacity | undefined {
  if (asked === undefined || asked === 'NONE') return undefined;
  return {
    TableName: tableName,
    CapacityUnits: units,
    ...(asked === 'INDEXES' ? { Table: { CapacityUnits: units } } : {}),
  };
}
