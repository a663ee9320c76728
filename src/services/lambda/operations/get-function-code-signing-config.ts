import type {
  GetFunctionCodeSigningConfigRequest,
  GetFunctionCodeSigningConfigResponse,
} from '../../../api/lambda.ts';
import { requireFunction } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

/** Code signing is not built, so no function has it: this is what AWS answers of a function without. */
export function getFunctionCodeSigningConfig({
  functions,
}: LambdaDependencies): Handler<GetFunctionCodeSigningConfigRequest, GetFunctionCodeSigningConfigResponse> {
  return (input, call) => {
    const { entry } = requireFunction(functions, call.scope, input.FunctionName);
    // The model requires the member, and AWS leaves it empty.
    return { CodeSigningConfigArn: '', FunctionName: entry.record.name };
  };
}
