import type { ListTablesInput, ListTablesOutput } from '../../../api/dynamodb.ts';
import type { Handler } from '../../service.ts';
import { LIST_TABLES_MAX } from '../limits.ts';
import type { DynamodbDependencies } from '../service.ts';

export function listTables({ tables }: DynamodbDependencies): Handler<ListTablesInput, ListTablesOutput> {
  return (input, call) => {
    const { ExclusiveStartTableName: after = '', Limit: countMax = LIST_TABLES_MAX } = input;
    const names = tables
      .list(call.scope)
      .map(({ record }) => record.name)
      .filter((name) => name > after);
    const page = names.slice(0, countMax);
    return {
      TableNames: page,
      ...(page.length < names.length ? { LastEvaluatedTableName: page.at(-1) } : {}),
    };
  };
}
