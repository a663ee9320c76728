import type { ListGroupsForUserRequest, ListGroupsForUserResponse } from '../../../api/iam.ts';
import { requireUser } from '../entities.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

/** Groups cannot be made, so no user is in one. Terraform asks before it deletes a user. */
export function listGroupsForUser(
  deps: IamDependencies,
): Handler<ListGroupsForUserRequest, ListGroupsForUserResponse> {
  return (input, call) => {
    requireUser(deps, call, input.UserName);
    return { Groups: [], IsTruncated: false };
  };
}
