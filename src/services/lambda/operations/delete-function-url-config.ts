import type { DeleteFunctionUrlConfigRequest } from '../../../api/lambda.ts';
import { resourceDoesNotExist } from '../errors.ts';
import { parseUrlOwner, urlOf } from '../function-url/config.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

export function deleteFunctionUrlConfig({
  functions,
}: LambdaDependencies): Handler<DeleteFunctionUrlConfigRequest, void> {
  return (input, call) => {
    const owner = parseUrlOwner(call, input.FunctionName, input.Qualifier);
    const { name, qualifier } = owner;
    const record = functions.get(owner, name)?.record;
    if (record === undefined || urlOf(record, qualifier) === undefined) throw resourceDoesNotExist();
    const { [qualifier ?? '']: _, ...urls } = record.urls ?? {};
    call.turn((turn) => functions.put(turn, { ...record, urls }));
  };
}
