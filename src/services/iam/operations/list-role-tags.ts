import type { ListRoleTagsRequest, ListRoleTagsResponse } from '../../../api/iam.ts';
import { requireRole } from '../entities.ts';
import { listTags } from '../tags.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function listRoleTags(deps: IamDependencies): Handler<ListRoleTagsRequest, ListRoleTagsResponse> {
  return (input, call) => listTags(requireRole(deps, call, input.RoleName).tags, input);
}
