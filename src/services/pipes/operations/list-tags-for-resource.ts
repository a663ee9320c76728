import type { ListTagsForResourceRequest, ListTagsForResourceResponse } from '../../../api/pipes.ts';
import type { Handler } from '../../service.ts';
import type { PipesDependencies } from '../service.ts';
import { requirePipeByArn } from '../tags.ts';

export function listTagsForResource({
  pipes,
}: PipesDependencies): Handler<ListTagsForResourceRequest, ListTagsForResourceResponse> {
  return (input) => ({ tags: requirePipeByArn(pipes, input.resourceArn).tags });
}
