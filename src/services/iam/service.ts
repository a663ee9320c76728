/**
 * AWS IAM: the table of its operations, by what they are about. IAM is one for all regions of an account. Policies are
 * kept and checked for form here; what they allow is decided elsewhere.
 */
import type { IamOperations } from '../../api/iam.ts';
import type { Credentials } from '../../engine/identity/credentials.ts';
import type { Identities } from '../../engine/identity/identities.ts';
import type { HandlerTable, Service } from '../service.ts';
import { NOT_BUILT } from './not-built.ts';
import { attachRolePolicy } from './operations/attach-role-policy.ts';
import { attachUserPolicy } from './operations/attach-user-policy.ts';
import { createAccessKey } from './operations/create-access-key.ts';
import { createPolicy } from './operations/create-policy.ts';
import { createPolicyVersion } from './operations/create-policy-version.ts';
import { createRole } from './operations/create-role.ts';
import { createUser } from './operations/create-user.ts';
import { deleteAccessKey } from './operations/delete-access-key.ts';
import { deletePolicy } from './operations/delete-policy.ts';
import { deletePolicyVersion } from './operations/delete-policy-version.ts';
import { deleteRole } from './operations/delete-role.ts';
import { deleteRolePermissionsBoundary } from './operations/delete-role-permissions-boundary.ts';
import { deleteRolePolicy } from './operations/delete-role-policy.ts';
import { deleteUser } from './operations/delete-user.ts';
import { deleteUserPermissionsBoundary } from './operations/delete-user-permissions-boundary.ts';
import { deleteUserPolicy } from './operations/delete-user-policy.ts';
import { detachRolePolicy } from './operations/detach-role-policy.ts';
import { detachUserPolicy } from './operations/detach-user-policy.ts';
import { getAccessKeyLastUsed } from './operations/get-access-key-last-used.ts';
import { getPolicy } from './operations/get-policy.ts';
import { getPolicyVersion } from './operations/get-policy-version.ts';
import { getRole } from './operations/get-role.ts';
import { getRolePolicy } from './operations/get-role-policy.ts';
import { getUser } from './operations/get-user.ts';
import { getUserPolicy } from './operations/get-user-policy.ts';
import { listAccessKeys } from './operations/list-access-keys.ts';
import { listAttachedRolePolicies } from './operations/list-attached-role-policies.ts';
import { listAttachedUserPolicies } from './operations/list-attached-user-policies.ts';
import { listEntitiesForPolicy } from './operations/list-entities-for-policy.ts';
import { listGroupsForUser } from './operations/list-groups-for-user.ts';
import { listInstanceProfilesForRole } from './operations/list-instance-profiles-for-role.ts';
import { listPolicies } from './operations/list-policies.ts';
import { listPolicyTags } from './operations/list-policy-tags.ts';
import { listPolicyVersions } from './operations/list-policy-versions.ts';
import { listRolePolicies } from './operations/list-role-policies.ts';
import { listRoleTags } from './operations/list-role-tags.ts';
import { listRoles } from './operations/list-roles.ts';
import { listUserPolicies } from './operations/list-user-policies.ts';
import { listUserTags } from './operations/list-user-tags.ts';
import { listUsers } from './operations/list-users.ts';
import { putRolePermissionsBoundary } from './operations/put-role-permissions-boundary.ts';
import { putRolePolicy } from './operations/put-role-policy.ts';
import { putUserPermissionsBoundary } from './operations/put-user-permissions-boundary.ts';
import { putUserPolicy } from './operations/put-user-policy.ts';
import { setDefaultPolicyVersion } from './operations/set-default-policy-version.ts';
import { tagPolicy } from './operations/tag-policy.ts';
import { tagRole } from './operations/tag-role.ts';
import { tagUser } from './operations/tag-user.ts';
import { untagPolicy } from './operations/untag-policy.ts';
import { untagRole } from './operations/untag-role.ts';
import { untagUser } from './operations/untag-user.ts';
import { updateAccessKey } from './operations/update-access-key.ts';
import { updateAssumeRolePolicy } from './operations/update-assume-role-policy.ts';
import { updateRole } from './operations/update-role.ts';
import { updateRoleDescription } from './operations/update-role-description.ts';
import { updateUser } from './operations/update-user.ts';

export interface IamDependencies {
  readonly identities: Identities;
  readonly credentials: Credentials;
}

function roleHandlers(deps: IamDependencies) {
  return {
    AttachRolePolicy: attachRolePolicy(deps),
    CreateRole: createRole(deps),
    DeleteRole: deleteRole(deps),
    DeleteRolePermissionsBoundary: deleteRolePermissionsBoundary(deps),
    DeleteRolePolicy: deleteRolePolicy(deps),
    DetachRolePolicy: detachRolePolicy(deps),
    GetRole: getRole(deps),
    GetRolePolicy: getRolePolicy(deps),
    ListAttachedRolePolicies: listAttachedRolePolicies(deps),
    ListInstanceProfilesForRole: listInstanceProfilesForRole(deps),
    ListRolePolicies: listRolePolicies(deps),
    ListRoleTags: listRoleTags(deps),
    ListRoles: listRoles(deps),
    PutRolePermissionsBoundary: putRolePermissionsBoundary(deps),
    PutRolePolicy: putRolePolicy(deps),
    TagRole: tagRole(deps),
    UntagRole: untagRole(deps),
    UpdateAssumeRolePolicy: updateAssumeRolePolicy(deps),
    UpdateRole: updateRole(deps),
    UpdateRoleDescription: updateRoleDescription(deps),
  };
}

function userHandlers(deps: IamDependencies) {
  return {
    AttachUserPolicy: attachUserPolicy(deps),
    CreateAccessKey: createAccessKey(deps),
    CreateUser: createUser(deps),
    DeleteAccessKey: deleteAccessKey(deps),
    DeleteUser: deleteUser(deps),
    DeleteUserPermissionsBoundary: deleteUserPermissionsBoundary(deps),
    DeleteUserPolicy: deleteUserPolicy(deps),
    DetachUserPolicy: detachUserPolicy(deps),
    GetAccessKeyLastUsed: getAccessKeyLastUsed(deps),
    GetUser: getUser(deps),
    GetUserPolicy: getUserPolicy(deps),
    ListAccessKeys: listAccessKeys(deps),
    ListAttachedUserPolicies: listAttachedUserPolicies(deps),
    ListGroupsForUser: listGroupsForUser(deps),
    ListUserPolicies: listUserPolicies(deps),
    ListUserTags: listUserTags(deps),
    ListUsers: listUsers(deps),
    PutUserPermissionsBoundary: putUserPermissionsBoundary(deps),
    PutUserPolicy: putUserPolicy(deps),
    TagUser: tagUser(deps),
    UntagUser: untagUser(deps),
    UpdateAccessKey: updateAccessKey(deps),
    UpdateUser: updateUser(deps),
  };
}

function policyHandlers(deps: IamDependencies) {
  return {
    CreatePolicy: createPolicy(deps),
    CreatePolicyVersion: createPolicyVersion(deps),
    DeletePolicy: deletePolicy(deps),
    DeletePolicyVersion: deletePolicyVersion(deps),
    GetPolicy: getPolicy(deps),
    GetPolicyVersion: getPolicyVersion(deps),
    ListEntitiesForPolicy: listEntitiesForPolicy(deps),
    ListPolicies: listPolicies(deps),
    ListPolicyTags: listPolicyTags(deps),
    ListPolicyVersions: listPolicyVersions(deps),
    SetDefaultPolicyVersion: setDefaultPolicyVersion(deps),
    TagPolicy: tagPolicy(deps),
    UntagPolicy: untagPolicy(deps),
  };
}

export function createIamService(deps: IamDependencies): Service {
  return {
    id: 'iam',
    handlers: {
      ...NOT_BUILT,
      ...roleHandlers(deps),
      ...userHandlers(deps),
      ...policyHandlers(deps),
    } satisfies HandlerTable<IamOperations>,
  };
}
