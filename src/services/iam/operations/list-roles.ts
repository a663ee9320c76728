import type { ListRolesRequest, ListRolesResponse } from '../../../api/iam.ts';
import { toListedRole } from '../entities.ts';
import { paginate } from '../paginate.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function listRoles(deps: IamDependencies): Handler<ListRolesRequest, ListRolesResponse> {
  return (input, call) => {
    const roles = deps.identities.list('role', call.scope.account, input.PathPrefix);
    const page = paginate(roles, input, ({ name }) => name);
    return { Roles: page.items.map(toListedRole), ...page.rest };
  };
}
