import type { AliasConfiguration, GetAliasRequest } from '../../../api/lambda.ts';
import { describeAlias } from '../describe.ts';
import { requireAlias, requireFunction } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

export function getAlias({ functions }: LambdaDependencies): Handler<GetAliasRequest, AliasConfiguration> {
  return (input, call) => {
    const { entry } = requireFunction(functions, call.scope, input.FunctionName);
    return describeAlias(entry.record, requireAlias(entry, input.Name));
  };
}
