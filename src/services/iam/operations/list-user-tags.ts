import type { ListUserTagsRequest, ListUserTagsResponse } from '../../../api/iam.ts';
import { requireUser } from '../entities.ts';
import { listTags } from '../tags.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

export function listUserTags(deps: IamDependencies): Handler<ListUserTagsRequest, ListUserTagsResponse> {
  return (input, call) => listTags(requireUser(deps, call, input.UserName).tags, input);
}
