import type { TagResourceInput } from '../../../api/dynamodb.ts';
import type { Handler } from '../../service.ts';
import type { DynamodbDependencies } from '../service.ts';
import { requireTableByArn } from '../table-name.ts';
import { toTags } from '../tags.ts';

export function tagResource({ tables }: DynamodbDependencies): Handler<TagResourceInput, void> {
  return (input, call) => {
    const table = requireTableByArn(tables, input.ResourceArn);
    const tags = toTags(input.Tags, table.record.tags);
    call.turn((turn) => tables.update(turn, table, { tags }));
  };
}
