import type { ListUsersRequest, ListUsersResponse } from '../../../api/iam.ts';
import { toListedUser } from '../entities.ts';
import { paginate } from '../paginate.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function listUsers(deps: IamDependencies): Handler<ListUsersRequest, ListUsersResponse> {
  return (input, call) => {
    const users = deps.identities.list('user', call.scope.account, input.PathPrefix);
    const page = paginate(users, input, ({ name }) => name);
    return { Users: page.items.map(toListedUser), ...page.rest };
  };
}
