import type { ListAliasesRequest, ListAliasesResponse } from '../../../api/lambda.ts';
import { describeAlias } from '../describe.ts';
import { paginate } from '../paginate.ts';
import { requireFunction } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

export function listAliases({
  functions,
}: LambdaDependencies): Handler<ListAliasesRequest, ListAliasesResponse> {
  return (input, call) => {
    const { record } = requireFunction(functions, call.scope, input.FunctionName).entry;
    const { FunctionVersion: version } = input;
    const aliases = Object.values(record.aliases)
      .filter((alias) => version === undefined || alias.version === version)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const page = paginate(aliases, ({ name }) => name, input);
    return {
      Aliases: page.items.map((alias) => describeAlias(record, alias)),
      ...page.next,
    };
  };
}
