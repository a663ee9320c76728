import type { DeleteFunctionConcurrencyRequest } from '../../../api/lambda.ts';
import { requireFunction } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

export function deleteFunctionConcurrency({
  functions,
}: LambdaDependencies): Handler<DeleteFunctionConcurrencyRequest, void> {
  return (input, call) => {
    const { record } = requireFunction(functions, call.scope, input.FunctionName).entry;
    const { reservedConcurrency: _, ...rest } = record;
    call.turn((turn) => functions.put(turn, rest));
  };
}
