import type { ListFunctionsRequest, ListFunctionsResponse } from '../../../api/lambda.ts';
import { LATEST } from '../../../engine/function/function-record.ts';
import type { FunctionEntry } from '../../../engine/function/functions.ts';
import { describeVersion } from '../describe.ts';
import { paginate } from '../paginate.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

export function listFunctions({
  functions,
}: LambdaDependencies): Handler<ListFunctionsRequest, ListFunctionsResponse> {
  return (input, call) => {
    const withVersions = input.FunctionVersion === 'ALL';
    const listed = functions.list(call.scope).flatMap((entry) => describeEntry(entry, withVersions));
    const page = paginate(listed, ({ FunctionArn: arn }) => arn ?? '', input);
    return {
      Functions: page.items,
      ...page.next,
    };
  };
}

function describeEntry({ record, versions }: FunctionEntry, withVersions: boolean) {
  if (!withVersions) return [describeVersion(record, record.latest, { state: 'listed' })];
  const latest = describeVersion(record, record.latest, { qualifier: LATEST, state: 'listed' });
  const published = [...versions.values()].map((version) =>
    describeVersion(record, version, { qualifier: version.version, state: 'listed' }),
  );
  return [latest, ...published];
}
