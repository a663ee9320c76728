import type { AliasConfiguration, UpdateAliasRequest } from '../../../api/lambda.ts';
import { uuid } from '../../../base/ids.ts';
import { requireRouting } from '../alias.ts';
import { describeAlias } from '../describe.ts';
import { requireAlias, requireFunction, requireRevision } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

export function updateAlias({
  functions,
}: LambdaDependencies): Handler<UpdateAliasRequest, AliasConfiguration> {
  return (input, call) => {
    const { entry } = requireFunction(functions, call.scope, input.FunctionName);
    const { record } = entry;
    const before = requireAlias(entry, input.Name);
    requireRevision(input.RevisionId, before);
    const version = input.FunctionVersion ?? before.version;
    const routing = requireRouting(entry, version, input.RoutingConfig);
    const additional = input.RoutingConfig === undefined ? before.additional : routing;
    const description = input.Description ?? before.description;
    return call.turn((turn) => {
      const alias = { name: before.name, version, description, additional, revisionId: uuid(turn.random) };
      functions.put(turn, { ...record, aliases: { ...record.aliases, [alias.name]: alias } });
      return describeAlias(record, alias);
    });
  };
}
