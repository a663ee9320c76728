import type { CreateUserRequest, CreateUserResponse } from '../../../api/iam.ts';
import { iamId } from '../../../base/ids.ts';
import type { UserRecord } from '../../../engine/identity/identity-record.ts';
import { toUser } from '../entities.ts';
import { nameIsTaken, quotaExceeded } from '../errors.ts';
import { USERS_MAX } from '../limits.ts';
import { boundaryOf } from '../principal-policies.ts';
import { addTags } from '../tags.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function createUser(deps: IamDependencies): Handler<CreateUserRequest, CreateUserResponse> {
  return (input, call) => {
    const { UserName: name, Path: path = '/' } = input;
    const { account } = call.scope;
    if (deps.identities.find('user', account, name) !== undefined) throw nameIsTaken('User', name);
    if (deps.identities.count('user', account) >= USERS_MAX)
      throw quotaExceeded('UsersPerAccount', USERS_MAX);
    const members = {
      kind: 'user',
      account,
      name,
      path,
      inlinePolicies: [],
      attachedPolicies: [],
      tags: addTags([], input.Tags),
      ...boundaryOf(deps, call, input.PermissionsBoundary),
    } as const;
    const user = call.turn((turn): UserRecord => {
      const created = { ...members, id: iamId(turn.random, 'AIDA'), createdAtMs: turn.now };
      deps.identities.put(turn, created);
      return created;
    });
    return { User: toUser(user) };
  };
}
