import type { ListTagsOfResourceInput, ListTagsOfResourceOutput } from '../../../api/dynamodb.ts';
import type { Handler } from '../../service.ts';
import type { DynamodbDependencies } from '../service.ts';
import { requireTableByArn } from '../table-name.ts';

/** A table has at most 50 tags, so all of them are one page. */
export function listTagsOfResource({
  tables,
}: DynamodbDependencies): Handler<ListTagsOfResourceInput, ListTagsOfResourceOutput> {
  return (input, call) => {
    const table = requireTableByArn(tables, input.ResourceArn);
    call.readAt(table.position);
    return { Tags: Object.entries(table.record.tags).map(([Key, Value]) => ({ Key, Value })) };
  };
}
