import type { DeleteAliasRequest } from '../../../api/lambda.ts';
import { requireAlias, requireFunction } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

export function deleteAlias({ functions }: LambdaDependencies): Handler<DeleteAliasRequest, void> {
  return (input, call) => {
    const { entry } = requireFunction(functions, call.scope, input.FunctionName);
    const { name } = requireAlias(entry, input.Name);
    const { [name]: _, ...aliases } = entry.record.aliases;
    // The alias's URL goes with it.
    const { [name]: _url, ...urls } = entry.record.urls ?? {};
    call.turn((turn) => functions.put(turn, { ...entry.record, aliases, urls }));
  };
}
