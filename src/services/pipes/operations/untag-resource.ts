import type { UntagResourceRequest, UntagResourceResponse } from '../../../api/pipes.ts';
import type { Handler } from '../../service.ts';
import type { PipesDependencies } from '../service.ts';
import { requirePipeByArn } from '../tags.ts';

export function untagResource({
  pipes,
}: PipesDependencies): Handler<UntagResourceRequest, UntagResourceResponse> {
  return (input, call) => {
    const pipe = requirePipeByArn(pipes, input.resourceArn);
    const removed = new Set(input.tagKeys);
    const tags = Object.fromEntries(Object.entries(pipe.tags).filter(([name]) => !removed.has(name)));
    call.turn((turn) => pipes.setTags(turn, input.resourceArn, tags));
    return {};
  };
}
