import type { AliasConfiguration, CreateAliasRequest } from '../../../api/lambda.ts';
import { uuid } from '../../../base/ids.ts';
import { functionArn } from '../../../engine/function/function-record.ts';
import { requireRouting } from '../alias.ts';
import { describeAlias } from '../describe.ts';
import { aliasExists } from '../errors.ts';
import { findAlias, requireFunction } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

export function createAlias({
  functions,
}: LambdaDependencies): Handler<CreateAliasRequest, AliasConfiguration> {
  return (input, call) => {
    const { entry } = requireFunction(functions, call.scope, input.FunctionName);
    const { record } = entry;
    const { Name: name, FunctionVersion: version, Description: description = '' } = input;
    if (findAlias(entry, name) !== undefined) throw aliasExists(functionArn(record, name));
    const additional = requireRouting(entry, version, input.RoutingConfig);
    return call.turn((turn) => {
      const alias = { name, version, description, additional, revisionId: uuid(turn.random) };
      functions.put(turn, { ...record, aliases: { ...record.aliases, [name]: alias } });
      return describeAlias(record, alias);
    });
  };
}
