import type { ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse } from '../../../api/iam.ts';
import { notImplementedError } from '../../../base/errors.ts';
import type { PrincipalRecord } from '../../../engine/identity/identity-record.ts';
import { isAttachable } from '../entities.ts';
import { noSuchPolicy } from '../errors.ts';
import { paginate } from '../paginate.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function listEntitiesForPolicy(
  deps: IamDependencies,
): Handler<ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse> {
  return (input, call) => {
    const { PolicyArn: arn, PathPrefix: pathPrefix = '/', EntityFilter: filter } = input;
    if (input.PolicyUsageFilter !== undefined) throw notImplementedError('PolicyUsageFilter');
    if (!isAttachable(deps.identities, call.scope.account, arn)) throw noSuchPolicy(arn);
    const wanted = (kind: PrincipalRecord['kind']): boolean =>
      filter === undefined || filter.toLowerCase() === kind;
    const principals = deps.identities
      .attachedTo(call.scope.account, arn)
      .filter(({ kind, path }) => wanted(kind) && path.startsWith(pathPrefix));
    const page = paginate(principals, input, ({ kind, name }) => `${kind} ${name}`);
    const roles = page.items.filter(({ kind }) => kind === 'role');
    const users = page.items.filter(({ kind }) => kind === 'user');
    return {
      PolicyGroups: [],
      PolicyRoles: roles.map(({ name, id }) => ({ RoleName: name, RoleId: id })),
      PolicyUsers: users.map(({ name, id }) => ({ UserName: name, UserId: id })),
      ...page.rest,
    };
  };
}
