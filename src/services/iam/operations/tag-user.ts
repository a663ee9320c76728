import type { TagUserRequest } from '../../../api/iam.ts';
import { requireUser } from '../entities.ts';
import { addTags } from '../tags.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function tagUser(deps: IamDependencies): Handler<TagUserRequest, void> {
  return (input, call) => {
    const user = requireUser(deps, call, input.UserName);
    const tags = addTags(user.tags, input.Tags);
    call.turn((turn) => deps.identities.put(turn, { ...user, tags }));
  };
}
