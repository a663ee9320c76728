import type { TagResourceRequest, TagResourceResponse } from '../../../api/pipes.ts';
import type { Handler } from '../../service.ts';
import { validationException } from '../errors.ts';
import { PIPE_TAGS_MAX } from '../limits.ts';
import type { PipesDependencies } from '../service.ts';
import { requirePipeByArn } from '../tags.ts';

export function tagResource({ pipes }: PipesDependencies): Handler<TagResourceRequest, TagResourceResponse> {
  return (input, call) => {
    call.admit();
    const pipe = requirePipeByArn(pipes, input.resourceArn);
    const tags = { ...pipe.tags, ...input.tags };
    if (Object.keys(tags).length > PIPE_TAGS_MAX)
      throw validationException('tags', 'Too many tags for the pipe.');
    call.turn((turn) => pipes.setTags(turn, input.resourceArn, tags));
    return {};
  };
}
