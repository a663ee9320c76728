import type {
  FunctionUrlConfig,
  ListFunctionUrlConfigsRequest,
  ListFunctionUrlConfigsResponse,
} from '../../../api/lambda.ts';
import { functionOfUrlNotFound } from '../errors.ts';
import { describeUrl } from '../function-url/config.ts';
import { paginate } from '../paginate.ts';
import { parseFunctionName } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

/** Those of the function and of all its aliases. */
export function listFunctionUrlConfigs({
  functions,
}: LambdaDependencies): Handler<ListFunctionUrlConfigsRequest, ListFunctionUrlConfigsResponse> {
  return (input, call) => {
    const owner = parseFunctionName(call.scope, input.FunctionName);
    const record = functions.get(owner, owner.name)?.record;
    if (record === undefined) throw functionOfUrlNotFound();
    const urls = Object.entries(record.urls ?? {})
      .map(([name, url]): FunctionUrlConfig =>
        describeUrl(call, { record, qualifier: name || undefined, url }),
      )
      .toSorted((a, b) => (a.FunctionArn < b.FunctionArn ? -1 : 1));
    const page = paginate(urls, ({ FunctionArn: arn }) => arn, input);
    return { FunctionUrlConfigs: page.items, ...page.next };
  };
}
