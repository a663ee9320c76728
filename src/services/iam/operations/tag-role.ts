import type { TagRoleRequest } from '../../../api/iam.ts';
import { requireRole } from '../entities.ts';
import { addTags } from '../tags.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function tagRole(deps: IamDependencies): Handler<TagRoleRequest, void> {
  return (input, call) => {
    const role = requireRole(deps, call, input.RoleName);
    const tags = addTags(role.tags, input.Tags);
    call.turn((turn) => deps.identities.put(turn, { ...role, tags }));
  };
}
