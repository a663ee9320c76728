import type { GetUserRequest, GetUserResponse } from '../../../api/iam.ts';
import { requireUser, requireUserOrCaller, rootUser, toUser } from '../entities.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

/** Without a name it is about the caller; a key that is not known acts as the root of its account. */
export function getUser(deps: IamDependencies): Handler<GetUserRequest, GetUserResponse> {
  return (input, call) => {
    const { UserName: name } = input;
    if (name !== undefined) return { User: toUser(requireUser(deps, call, name)) };
    const caller = deps.credentials.lookup(call.accessKeyId ?? '');
    if (caller === undefined) return { User: rootUser(call.scope.account) };
    return { User: toUser(requireUserOrCaller(deps, call, undefined)) };
  };
}
