import type { UntagResourceRequest } from '../../../api/lambda.ts';
import { requireFunction } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import { withoutTags } from '../../tags.ts';
import type { LambdaDependencies } from '../service.ts';

export function untagResource({ functions }: LambdaDependencies): Handler<UntagResourceRequest, void> {
  return (input, call) => {
    const { record } = requireFunction(functions, call.scope, input.Resource).entry;
    const tags = withoutTags(record.tags, input.TagKeys);
    call.turn((turn) => functions.put(turn, { ...record, tags }));
  };
}
