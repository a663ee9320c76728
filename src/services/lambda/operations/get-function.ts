import type { GetFunctionRequest, GetFunctionResponse } from '../../../api/lambda.ts';
import { describeVersion } from '../describe.ts';
import { requireFunction } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

/** The code is served by this very host, where AWS answers a presigned URL of S3. */
export function getFunction({
  functions,
}: LambdaDependencies): Handler<GetFunctionRequest, GetFunctionResponse> {
  return (input, call) => {
    const found = requireFunction(functions, call.scope, input.FunctionName, input.Qualifier);
    const { entry, version, qualifier } = found;
    const { reservedConcurrency, tags } = entry.record;
    return {
      Configuration: describeVersion(entry.record, version, { qualifier }),
      Code: {
        RepositoryType: 'S3',
        Location: `${call.scheme}://${call.host}/_millrace/functions/${version.code.sha256}.zip`,
      },
      ...(Object.keys(tags).length === 0 ? {} : { Tags: tags }),
      ...(reservedConcurrency === undefined
        ? {}
        : { Concurrency: { ReservedConcurrentExecutions: reservedConcurrency } }),
    };
  };
}
