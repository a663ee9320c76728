import type { ListTagsRequest, ListTagsResponse } from '../../../api/lambda.ts';
import { requireFunction } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LambdaDependencies } from '../service.ts';

export function listTags({ functions }: LambdaDependencies): Handler<ListTagsRequest, ListTagsResponse> {
  return (input, call) => ({
    Tags: requireFunction(functions, call.scope, input.Resource).entry.record.tags,
  });
}
