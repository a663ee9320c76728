import type { Concurrency, PutFunctionConcurrencyRequest } from '../../../api/lambda.ts';
import { invalidParameterValue } from '../errors.ts';
import { CONCURRENT_EXECUTIONS, UNRESERVED_CONCURRENCY_MIN } from '../limits.ts';
import { requireFunction } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

export function putFunctionConcurrency({
  functions,
}: LambdaDependencies): Handler<PutFunctionConcurrencyRequest, Concurrency> {
  return (input, call) => {
    const { record } = requireFunction(functions, call.scope, input.FunctionName).entry;
    const reservedConcurrency = input.ReservedConcurrentExecutions;
    const others = functions
      .list(call.scope)
      .filter((entry) => entry.record.name !== record.name)
      .reduce((sum, entry) => sum + (entry.record.reservedConcurrency ?? 0), 0);
    if (others + reservedConcurrency > CONCURRENT_EXECUTIONS - UNRESERVED_CONCURRENCY_MIN) {
      throw invalidParameterValue(
        `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${UNRESERVED_CONCURRENCY_MIN}].`,
      );
    }
    call.turn((turn) => functions.put(turn, { ...record, reservedConcurrency }));
    return { ReservedConcurrentExecutions: reservedConcurrency };
  };
}
