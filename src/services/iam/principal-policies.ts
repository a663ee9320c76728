/**
 * The policies of a role or a user: inline ones, which live in it, and managed ones attached to it. The operations on
 * roles and on users are twins that differ in the name of a member; what they share is here.
 */
import type { AttachedPolicy } from '../../api/iam.ts';
import { identityArn, type PrincipalRecord } from '../../engine/identity/identity-record.ts';
import type { Call } from '../service.ts';
import { isAttachable } from './entities.ts';
import {
  inlinePoliciesTooLong,
  mustFirst,
  noSuchInlinePolicy,
  noSuchPolicy,
  notAttachable,
  quotaExceeded,
} from './errors.ts';
import {
  ATTACHED_POLICIES_MAX,
  ROLE_INLINE_POLICIES_SIZE_MAX,
  USER_INLINE_POLICIES_SIZE_MAX,
} from './limits.ts';
import { type PageRequest, paginate } from './paginate.ts';
import { encodeDocument, policySize, requirePermissionsPolicy } from './policy-document.ts';
import type { IamDependencies } from './service.ts';

export function putInlinePolicy(
  { identities }: IamDependencies,
  call: Call,
  principal: PrincipalRecord,
  policy: { readonly PolicyName: string; readonly PolicyDocument: string },
): void {
  requirePermissionsPolicy(policy.PolicyDocument);
  const added = { name: policy.PolicyName, document: policy.PolicyDocument };
  const others = principal.inlinePolicies.filter(({ name }) => name !== added.name);
  const inlinePolicies = [...others, added].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const size = inlinePolicies.reduce((total, { document }) => total + policySize(document), 0);
  const sizeMax = principal.kind === 'role' ? ROLE_INLINE_POLICIES_SIZE_MAX : USER_INLINE_POLICIES_SIZE_MAX;
  if (size > sizeMax) throw inlinePoliciesTooLong(principal.kind, principal.name, sizeMax);
  call.turn((turn) => identities.put(turn, { ...principal, inlinePolicies }));
}

/** The document percent-encoded, as IAM answers it. */
export function getInlinePolicy(principal: PrincipalRecord, policyName: string) {
  const policy = principal.inlinePolicies.find(({ name }) => name === policyName);
  if (policy === undefined) throw noSuchInlinePolicy(principal.kind, policyName);
  return { PolicyName: policy.name, PolicyDocument: encodeDocument(policy.document) };
}

export function deleteInlinePolicy(
  { identities }: IamDependencies,
  call: Call,
  principal: PrincipalRecord,
  policyName: string,
): void {
  const inlinePolicies = principal.inlinePolicies.filter(({ name }) => name !== policyName);
  if (inlinePolicies.length === principal.inlinePolicies.length) {
    throw noSuchInlinePolicy(principal.kind, policyName);
  }
  call.turn((turn) => identities.put(turn, { ...principal, inlinePolicies }));
}

export function listInlinePolicies(principal: PrincipalRecord, request: PageRequest) {
  const page = paginate(principal.inlinePolicies, request, ({ name }) => name);
  return { PolicyNames: page.items.map(({ name }) => name), ...page.rest };
}

/** Attaching what is attached already changes nothing and is no error. */
export function attachPolicy(
  { identities }: IamDependencies,
  call: Call,
  principal: PrincipalRecord,
  policyArn: string,
): void {
  if (!isAttachable(identities, call.scope.account, policyArn)) throw notAttachable(policyArn);
  if (principal.attachedPolicies.includes(policyArn)) return;
  if (principal.attachedPolicies.length >= ATTACHED_POLICIES_MAX) {
    throw quotaExceeded(
      principal.kind === 'role' ? 'PoliciesPerRole' : 'PoliciesPerUser',
      ATTACHED_POLICIES_MAX,
    );
  }
  const attachedPolicies = [...principal.attachedPolicies, policyArn];
  call.turn((turn) => identities.put(turn, { ...principal, attachedPolicies }));
}

export function detachPolicy(
  { identities }: IamDependencies,
  call: Call,
  principal: PrincipalRecord,
  policyArn: string,
): void {
  if (!principal.attachedPolicies.includes(policyArn)) throw noSuchPolicy(policyArn);
  const attachedPolicies = principal.attachedPolicies.filter((arn) => arn !== policyArn);
  call.turn((turn) => identities.put(turn, { ...principal, attachedPolicies }));
}

export function listAttachedPolicies(
  principal: PrincipalRecord,
  request: PageRequest & { readonly PathPrefix?: string | undefined },
) {
  const { PathPrefix: pathPrefix = '/' } = request;
  const attached = principal.attachedPolicies.filter((arn) => pathOf(arn).startsWith(pathPrefix));
  const page = paginate(attached.toSorted(), request, (arn) => arn);
  const policies: AttachedPolicy[] = page.items.map((arn) => ({
    PolicyName: arn.slice(arn.lastIndexOf('/') + 1),
    PolicyArn: arn,
  }));
  return { AttachedPolicies: policies, ...page.rest };
}

/** `arn:aws:iam::1...:policy/a/b/name` -> `/a/b/` */
function pathOf(policyArn: string): string {
  return policyArn.slice(policyArn.indexOf('/'), policyArn.lastIndexOf('/') + 1);
}

/** A role or user that still holds policies cannot be deleted. */
export function requireNoPolicies(principal: PrincipalRecord): void {
  if (principal.attachedPolicies.length > 0) throw mustFirst('detach all policies');
  if (principal.inlinePolicies.length > 0) throw mustFirst('delete policies');
}

/** The `PermissionsBoundary` of a new role or user as a member of its record. */
export function boundaryOf(
  { identities }: IamDependencies,
  call: Call,
  arn: string | undefined,
): { permissionsBoundary?: string } {
  if (arn === undefined) return {};
  if (!isAttachable(identities, call.scope.account, arn)) throw notAttachable(arn);
  return { permissionsBoundary: arn };
}

/** True while the policy is attached to something or bounds it. */
export function isInUse(
  { identities }: IamDependencies,
  policy: { account: string; path: string; name: string },
): boolean {
  const arn = identityArn({ ...policy, kind: 'policy' });
  const { account } = policy;
  const principals = [...identities.list('role', account), ...identities.list('user', account)];
  return principals.some(
    ({ attachedPolicies, permissionsBoundary }) =>
      attachedPolicies.includes(arn) || permissionsBoundary === arn,
  );
}
