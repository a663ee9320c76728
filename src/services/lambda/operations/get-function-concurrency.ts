import type { GetFunctionConcurrencyRequest, GetFunctionConcurrencyResponse } from '../../../api/lambda.ts';
import { requireFunction } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

export function getFunctionConcurrency({
  functions,
}: LambdaDependencies): Handler<GetFunctionConcurrencyRequest, GetFunctionConcurrencyResponse> {
  return (input, call) => {
    const { reservedConcurrency } = requireFunction(functions, call.scope, input.FunctionName).entry.record;
    return reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency };
  };
}
