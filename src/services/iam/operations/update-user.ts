import type { UpdateUserRequest } from '../../../api/iam.ts';
import { requireUser } from '../entities.ts';
import { nameIsTaken } from '../errors.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

/** A new name or path keeps the id, the policies and the access keys of the user. */
export function updateUser(deps: IamDependencies): Handler<UpdateUserRequest, void> {
  return (input, call) => {
    const user = requireUser(deps, call, input.UserName);
    const { NewUserName: name = user.name, NewPath: path = user.path } = input;
    const holder = deps.identities.find('user', call.scope.account, name);
    if (holder !== undefined && holder.id !== user.id) throw nameIsTaken('User', name);
    const accessKeys = deps.credentials.accessKeysOf(user);
    call.turn((turn) => {
      deps.identities.delete(turn, user);
      deps.identities.put(turn, { ...user, name, path });
      for (const { accessKeyId } of accessKeys) {
        deps.credentials.updateAccessKey(turn, accessKeyId, { userName: name });
      }
    });
  };
}
