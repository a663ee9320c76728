import type { UntagUserRequest } from '../../../api/iam.ts';
import { requireUser } from '../entities.ts';
import { removeTags } from '../tags.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function untagUser(deps: IamDependencies): Handler<UntagUserRequest, void> {
  return (input, call) => {
    const user = requireUser(deps, call, input.UserName);
    const tags = removeTags(user.tags, input.TagKeys);
    call.turn((turn) => deps.identities.put(turn, { ...user, tags }));
  };
}
