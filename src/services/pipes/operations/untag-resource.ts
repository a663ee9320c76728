import type { UntagResourceRequest, UntagResourceResponse } from '../../../api/pipes.ts';
import type { Handler } from '../../service.ts';
import type { PipesDependencies } from '../service.ts';
import { withoutTags } from '../../tags.ts';
import { requirePipeByArn } from '../tags.ts';

export function untagResource({
  pipes,
}: PipesDependencies): Handler<UntagResourceRequest, UntagResourceResponse> {
  return (input, call) => {
    const pipe = requirePipeByArn(pipes, input.resourceArn);
    const tags = withoutTags(pipe.tags, input.tagKeys);
    call.turn((turn) => pipes.setTags(turn, input.resourceArn, tags));
    return {};
  };
}
