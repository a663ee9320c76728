import type { FunctionConfiguration, GetFunctionConfigurationRequest } from '../../../api/lambda.ts';
import { describeVersion } from '../describe.ts';
import { requireFunction } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

export function getFunctionConfiguration({
  functions,
}: LambdaDependencies): Handler<GetFunctionConfigurationRequest, FunctionConfiguration> {
  return (input, call) => {
    const found = requireFunction(functions, call.scope, input.FunctionName, input.Qualifier);
    return describeVersion(found.entry.record, found.version, { qualifier: found.qualifier });
  };
}
