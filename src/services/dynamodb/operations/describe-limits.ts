import type { DescribeLimitsInput, DescribeLimitsOutput } from '../../../api/dynamodb.ts';
import type { Handler } from '../../service.ts';
import { ACCOUNT_CAPACITY_UNITS_MAX, TABLE_CAPACITY_UNITS_MAX } from '../limits.ts';

/** The figures of a new account. Nothing is throttled here, so none of them is ever reached. */
export function describeLimits(): Handler<DescribeLimitsInput, DescribeLimitsOutput> {
  return () => ({
    AccountMaxReadCapacityUnits: ACCOUNT_CAPACITY_UNITS_MAX,
    AccountMaxWriteCapacityUnits: ACCOUNT_CAPACITY_UNITS_MAX,
    TableMaxReadCapacityUnits: TABLE_CAPACITY_UNITS_MAX,
    TableMaxWriteCapacityUnits: TABLE_CAPACITY_UNITS_MAX,
  });
}
