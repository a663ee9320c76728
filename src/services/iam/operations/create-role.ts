import type { CreateRoleRequest, CreateRoleResponse } from '../../../api/iam.ts';
import { iamId } from '../../../base/ids.ts';
import type { RoleRecord } from '../../../engine/identity/identity-record.ts';
import { toRole } from '../entities.ts';
import { nameIsTaken, quotaExceeded } from '../errors.ts';
import { ROLES_MAX, SESSION_SECONDS_DEFAULT } from '../limits.ts';
import { requireTrustPolicy } from '../policy-document.ts';
import { boundaryOf } from '../principal-policies.ts';
import { addTags } from '../tags.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function createRole(deps: IamDependencies): Handler<CreateRoleRequest, CreateRoleResponse> {
  return (input, call) => {
    const { RoleName: name, Path: path = '/', Description: description } = input;
    const { account } = call.scope;
    requireTrustPolicy(input.AssumeRolePolicyDocument);
    if (deps.identities.find('role', account, name) !== undefined) throw nameIsTaken('Role', name);
    if (deps.identities.count('role', account) >= ROLES_MAX)
      throw quotaExceeded('RolesPerAccount', ROLES_MAX);
    const members = {
      kind: 'role',
      account,
      name,
      path,
      trustPolicy: input.AssumeRolePolicyDocument,
      sessionSecondsMax: input.MaxSessionDuration ?? SESSION_SECONDS_DEFAULT,
      inlinePolicies: [],
      attachedPolicies: [],
      tags: addTags([], input.Tags),
      ...(description === undefined ? {} : { description }),
      ...boundaryOf(deps, call, input.PermissionsBoundary),
    } as const;
    const role = call.turn((turn): RoleRecord => {
      const created = { ...members, id: iamId(turn.random, 'AROA'), createdAtMs: turn.now };
      deps.identities.put(turn, created);
      return created;
    });
    return { Role: toRole(role) };
  };
}
