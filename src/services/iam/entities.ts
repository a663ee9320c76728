/** Entities by the names that callers give them, and as callers get them. */
import type { Policy, PolicyVersion, Role, User } from '../../api/iam.ts';
import type { Identities } from '../../engine/identity/identities.ts';
import {
  type AccessKeyRecord,
  identityArn,
  type PolicyRecord,
  type PolicyVersionRecord,
  type RoleRecord,
  rootArn,
  type UserRecord,
} from '../../engine/identity/identity-record.ts';
import { notImplementedError } from '../../base/errors.ts';
import type { Call } from '../service.ts';
import {
  invalidArn,
  mustSpecifyUserName,
  noSuchAccessKey,
  noSuchPolicy,
  noSuchPolicyVersion,
  noSuchRole,
  noSuchUser,
} from './errors.ts';
import { encodeDocument } from './policy-document.ts';
import type { IamDependencies } from './service.ts';
import { tagsMember } from './tags.ts';

const POLICY_ARN = /^arn:aws:iam::(?:\d{12}|aws):policy\/[\w+=,.@/-]+$/;
const AWS_POLICY_PREFIX = 'arn:aws:iam::aws:policy/';

export function requireRole({ identities }: IamDependencies, call: Call, name: string): RoleRecord {
  const role = identities.find('role', call.scope.account, name);
  if (role === undefined) throw noSuchRole(name);
  return role;
}

export function requireUser({ identities }: IamDependencies, call: Call, name: string): UserRecord {
  const user = identities.find('user', call.scope.account, name);
  if (user === undefined) throw noSuchUser(name);
  return user;
}

/** The user named, or else the one whose access key signed the request. */
export function requireUserOrCaller(deps: IamDependencies, call: Call, name: string | undefined): UserRecord {
  const callerKey = call.accessKeyId ?? '';
  const userName = name ?? deps.credentials.lookup(callerKey)?.userName;
  if (userName === undefined) throw mustSpecifyUserName();
  return requireUser(deps, call, userName);
}

/** A key of the user named; without a name, any key of the account. */
export function requireAccessKey(
  { credentials }: IamDependencies,
  call: Call,
  given: { readonly AccessKeyId: string; readonly UserName?: string | undefined },
): AccessKeyRecord {
  const record = credentials.accessKey(given.AccessKeyId);
  const isTheirs =
    given.UserName === undefined || given.UserName.toLowerCase() === record?.userName.toLowerCase();
  if (record === undefined || record.account !== call.scope.account || !isTheirs) {
    throw noSuchAccessKey(given.AccessKeyId);
  }
  return record;
}

/** A policy of the caller's account. AWS's own can be attached, but their documents are not here to be shown. */
export function requirePolicy({ identities }: IamDependencies, call: Call, arn: string): PolicyRecord {
  if (!POLICY_ARN.test(arn)) throw invalidArn(arn);
  if (arn.startsWith(AWS_POLICY_PREFIX))
    throw notImplementedError(`The document of the AWS managed policy ${arn}`);
  const policy = identities.findByArn('policy', arn);
  if (policy === undefined || policy.account !== call.scope.account) throw noSuchPolicy(arn);
  return policy;
}

export function requireVersion(policy: PolicyRecord, versionId: string): PolicyVersionRecord {
  const version = policy.versions.find(({ number }) => `v${number}` === versionId);
  if (version === undefined) throw noSuchPolicyVersion(identityArn(policy), versionId);
  return version;
}

/**
 * True for a policy that can be attached: one of the account's own, or any of AWS's by the form of its ARN. Unlike
 * AWS, a name that AWS never gave a policy is taken, too: its catalogue changes weekly and is not copied here.
 */
export function isAttachable(identities: Identities, account: string, arn: string): boolean {
  if (!POLICY_ARN.test(arn)) throw invalidArn(arn);
  return arn.startsWith(AWS_POLICY_PREFIX) || identities.findByArn('policy', arn)?.account === account;
}

/** IAM tells times in whole seconds. */
export function wholeSeconds(atMs: number): number {
  return Math.floor(atMs / 1000) * 1000;
}

function boundaryMember(arn: string | undefined): Pick<Role & User, 'PermissionsBoundary'> {
  return arn === undefined
    ? {}
    : {
        PermissionsBoundary: {
          PermissionsBoundaryArn: arn,
          PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
        },
      };
}

/** A role as it is listed: without tags and boundary, which only GetRole and CreateRole tell. */
export function toListedRole(role: RoleRecord): Role {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: identityArn(role),
    CreateDate: wholeSeconds(role.createdAtMs),
    AssumeRolePolicyDocument: encodeDocument(role.trustPolicy),
    ...(role.description === undefined ? {} : { Description: role.description }),
    MaxSessionDuration: role.sessionSecondsMax,
  };
}

export function toRole(role: RoleRecord): Role {
  return { ...toListedRole(role), ...boundaryMember(role.permissionsBoundary), ...tagsMember(role.tags) };
}

export function toListedUser(user: UserRecord): User {
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: identityArn(user),
    CreateDate: wholeSeconds(user.createdAtMs),
  };
}

export function toUser(user: UserRecord): User {
  return { ...toListedUser(user), ...boundaryMember(user.permissionsBoundary), ...tagsMember(user.tags) };
}

/** What GetUser tells an account's root about itself. An account of Millrace has no day of birth: it always was. */
export function rootUser(account: string): User {
  return { Path: '/', UserName: 'root', UserId: account, Arn: rootArn(account), CreateDate: 0 };
}

export function toListedPolicy(identities: Identities, policy: PolicyRecord): Policy {
  const arn = identityArn(policy);
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: arn,
    Path: policy.path,
    DefaultVersionId: `v${policy.defaultVersion}`,
    AttachmentCount: identities.attachedTo(policy.account, arn).length,
    PermissionsBoundaryUsageCount: boundaryCount(identities, policy.account, arn),
    IsAttachable: true,
    CreateDate: wholeSeconds(policy.createdAtMs),
    UpdateDate: wholeSeconds(policy.updatedAtMs),
  };
}

export function toPolicy(identities: Identities, policy: PolicyRecord): Policy {
  return {
    ...toListedPolicy(identities, policy),
    ...(policy.description === undefined ? {} : { Description: policy.description }),
    ...tagsMember(policy.tags),
  };
}

function boundaryCount(identities: Identities, account: string, arn: string): number {
  const principals = [...identities.list('role', account), ...identities.list('user', account)];
  return principals.filter(({ permissionsBoundary }) => permissionsBoundary === arn).length;
}

/** A version as it is listed, without its document. */
export function toListedVersion(policy: PolicyRecord, version: PolicyVersionRecord): PolicyVersion {
  return {
    VersionId: `v${version.number}`,
    IsDefaultVersion: version.number === policy.defaultVersion,
    CreateDate: wholeSeconds(version.createdAtMs),
  };
}
