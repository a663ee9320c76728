import type { ListVersionsByFunctionRequest, ListVersionsByFunctionResponse } from '../../../api/lambda.ts';
import { describeVersion } from '../describe.ts';
import { paginate } from '../paginate.ts';
import { requireFunction } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

export function listVersionsByFunction({
  functions,
}: LambdaDependencies): Handler<ListVersionsByFunctionRequest, ListVersionsByFunctionResponse> {
  return (input, call) => {
    const { record, versions } = requireFunction(functions, call.scope, input.FunctionName).entry;
    const all = [record.latest, ...versions.values()];
    const page = paginate(all, ({ version }) => version, input);
    return {
      Versions: page.items.map((version) =>
        describeVersion(record, version, { qualifier: version.version, state: 'listed' }),
      ),
      ...page.next,
    };
  };
}
