import type { UntagResourceInput } from '../../../api/dynamodb.ts';
import type { Handler } from '../../service.ts';
import type { DynamodbDependencies } from '../service.ts';
import { requireTableByArn } from '../table-name.ts';

export function untagResource({ tables }: DynamodbDependencies): Handler<UntagResourceInput, void> {
  return (input, call) => {
    const table = requireTableByArn(tables, input.ResourceArn);
    const removed = new Set(input.TagKeys);
    const left = Object.entries(table.record.tags).filter(([key]) => !removed.has(key));
    call.turn((turn) => tables.update(turn, table, { tags: Object.fromEntries(left) }));
  };
}
