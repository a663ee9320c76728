import type {
  ListInstanceProfilesForRoleRequest,
  ListInstanceProfilesForRoleResponse,
} from '../../../api/iam.ts';
import { requireRole } from '../entities.ts';
import type { Handler } from '../../service.ts';
import type { IamDependencies } from '../service.ts';

/** There are no instances, so no role is in a profile. Terraform asks before it deletes a role. */
export function listInstanceProfilesForRole(
  deps: IamDependencies,
): Handler<ListInstanceProfilesForRoleRequest, ListInstanceProfilesForRoleResponse> {
  return (input, call) => {
    requireRole(deps, call, input.RoleName);
    return { InstanceProfiles: [], IsTruncated: false };
  };
}
