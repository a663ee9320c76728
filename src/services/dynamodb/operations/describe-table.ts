import type { DescribeTableInput, DescribeTableOutput } from '../../../api/dynamodb.ts';
import type { Handler } from '../../service.ts';
import { describeTable as describe } from '../table-description.ts';
import type { DynamodbDependencies } from '../service.ts';
import { requireNamedTable } from '../table-name.ts';

export function describeTable({
  tables,
}: DynamodbDependencies): Handler<DescribeTableInput, DescribeTableOutput> {
  return (input, call) => {
    const table = requireNamedTable(tables, call, input.TableName);
    call.readAt(table.position);
    return { Table: describe(table) };
  };
}
