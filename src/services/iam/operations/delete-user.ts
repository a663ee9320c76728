import type { DeleteUserRequest } from '../../../api/iam.ts';
import { requireUser } from '../entities.ts';
import { mustFirst } from '../errors.ts';
import { requireNoPolicies } from '../principal-policies.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function deleteUser(deps: IamDependencies): Handler<DeleteUserRequest, void> {
  return (input, call) => {
    const user = requireUser(deps, call, input.UserName);
    requireNoPolicies(user);
    if (deps.credentials.accessKeysOf(user).length > 0) throw mustFirst('delete access keys');
    call.turn((turn) => deps.identities.delete(turn, user));
  };
}
