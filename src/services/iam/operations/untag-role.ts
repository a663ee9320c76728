import type { UntagRoleRequest } from '../../../api/iam.ts';
import { requireRole } from '../entities.ts';
import { removeTags } from '../tags.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function untagRole(deps: IamDependencies): Handler<UntagRoleRequest, void> {
  return (input, call) => {
    const role = requireRole(deps, call, input.RoleName);
    const tags = removeTags(role.tags, input.TagKeys);
    call.turn((turn) => deps.identities.put(turn, { ...role, tags }));
  };
}
