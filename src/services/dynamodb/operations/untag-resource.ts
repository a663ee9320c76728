import type { UntagResourceInput } from '../../../api/dynamodb.ts';
import type { Handler } from '../../service.ts';
import { withoutTags } from '../../tags.ts';
import type { DynamodbDependencies } from '../service.ts';
import { requireTableByArn } from '../table-name.ts';

export function untagResource({ tables }: DynamodbDependencies): Handler<UntagResourceInput, void> {
  return (input, call) => {
    const table = requireTableByArn(tables, input.ResourceArn);
    const tags = withoutTags(table.record.tags, input.TagKeys);
    call.turn((turn) => tables.update(turn, table, { tags }));
  };
}
