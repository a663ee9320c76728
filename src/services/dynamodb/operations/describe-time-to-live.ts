import type { DescribeTimeToLiveInput, DescribeTimeToLiveOutput } from '../../../api/dynamodb.ts';
import type { Handler } from '../../service.ts';
import { describeTimeToLive as describe } from '../model.ts';
import type { DynamodbDependencies } from '../service.ts';
import { requireNamedTable } from '../table-name.ts';

export function describeTimeToLive({
  tables,
}: DynamodbDependencies): Handler<DescribeTimeToLiveInput, DescribeTimeToLiveOutput> {
  return (input, call) => {
    const table = requireNamedTable(tables, call, input.TableName);
    call.readAt(table.position);
    return { TimeToLiveDescription: describe(table.record) };
  };
}
