import type {
  GetFunctionRecursionConfigRequest,
  GetFunctionRecursionConfigResponse,
} from '../../../api/lambda.ts';
import { requireFunction } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

/** Loops are not detected, so none is ever ended: the answer says so. */
export function getFunctionRecursionConfig({
  functions,
}: LambdaDependencies): Handler<GetFunctionRecursionConfigRequest, GetFunctionRecursionConfigResponse> {
  return (input, call) => {
    requireFunction(functions, call.scope, input.FunctionName);
    return { RecursiveLoop: 'Allow' };
  };
}
