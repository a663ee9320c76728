import type { UntagResourceRequest } from '../../../api/lambda.ts';
import { requireFunction } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

export function untagResource({ functions }: LambdaDependencies): Handler<UntagResourceRequest, void> {
  return (input, call) => {
    const { record } = requireFunction(functions, call.scope, input.Resource).entry;
    const removed = new Set(input.TagKeys);
    const tags = Object.fromEntries(Object.entries(record.tags).filter(([name]) => !removed.has(name)));
    call.turn((turn) => functions.put(turn, { ...record, tags }));
  };
}
