import type { GetFunctionUrlConfigRequest, GetFunctionUrlConfigResponse } from '../../../api/lambda.ts';
import { resourceDoesNotExist } from '../errors.ts';
import { describeUrl, parseUrlOwner, urlOf } from '../function-url/config.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

export function getFunctionUrlConfig({
  functions,
}: LambdaDependencies): Handler<GetFunctionUrlConfigRequest, GetFunctionUrlConfigResponse> {
  return (input, call) => {
    const owner = parseUrlOwner(call, input.FunctionName, input.Qualifier);
    const { qualifier } = owner;
    const record = functions.get(owner, owner.name)?.record;
    const url = record === undefined ? undefined : urlOf(record, qualifier);
    if (record === undefined || url === undefined) throw resourceDoesNotExist();
    return describeUrl(call, { record, qualifier, url });
  };
}
