import type { TagResourceRequest } from '../../../api/lambda.ts';
import { invalidParameterValue } from '../errors.ts';
import { TAGS_MAX } from '../limits.ts';
import { requireFunction } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

export function tagResource({ functions }: LambdaDependencies): Handler<TagResourceRequest, void> {
  return (input, call) => {
    const { record } = requireFunction(functions, call.scope, input.Resource).entry;
    const tags = { ...record.tags, ...input.Tags };
    if (Object.keys(tags).length > TAGS_MAX) throw invalidParameterValue('The number of tags exceeds 50.');
    call.turn((turn) => functions.put(turn, { ...record, tags }));
  };
}
