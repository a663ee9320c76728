/**
 * The stored form of identities. They are global: whatever region a request is signed for, their keys and scopes say
 * `aws-global`, so every region of an account sees the same roles. Members that users name (tags, inline policies) are
 * lists, not objects: a name such as `__proto__` is then a value like any other.
 */
import { key, keyParts } from '../../storage/keys.ts';
import type { Key } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';

const GLOBAL_REGION = 'aws-global';

export interface TagRecord {
  readonly key: string;
  readonly value: string;
}

export interface InlinePolicyRecord {
  readonly name: string;
  /** JSON text as it came. */
  readonly document: string;
}

interface NamedRecord {
  /** 12 digits. */
  readonly account: string;
  /** Unique in its account whatever the case, and shown as it was given. */
  readonly name: string;
  /** `/` or `/a/b/`. */
  readonly path: string;
  /** `AROA...`, `AIDA...`, `ANPA...`: tells an entity from an earlier one of the same name. */
  readonly id: string;
  readonly createdAtMs: number;
  readonly tags: readonly TagRecord[];
}

/** What permissions are given to: a role or a user. */
interface PrincipalMembers extends NamedRecord {
  /** By name. */
  readonly inlinePolicies: readonly InlinePolicyRecord[];
  /** ARNs, in the order attached. */
  readonly attachedPolicies: readonly string[];
  readonly permissionsBoundary?: string;
}

export interface RoleRecord extends PrincipalMembers {
  readonly kind: 'role';
  readonly trustPolicy: string;
  readonly description?: string;
  readonly sessionSecondsMax: number;
}

export interface UserRecord extends PrincipalMembers {
  readonly kind: 'user';
}

export interface PolicyVersionRecord {
  /** 1 for `v1`; numbers are never used again. */
  readonly number: number;
  readonly document: string;
  readonly createdAtMs: number;
}

/** A managed policy of the account's own. */
export interface PolicyRecord extends NamedRecord {
  readonly kind: 'policy';
  readonly description?: string;
  readonly updatedAtMs: number;
  readonly defaultVersion: number;
  /** The number of the version made last. */
  readonly lastVersion: number;
  /** By number. */
  readonly versions: readonly PolicyVersionRecord[];
}

export type PrincipalRecord = RoleRecord | UserRecord;

export interface IdentityRecords {
  readonly role: RoleRecord;
  readonly user: UserRecord;
  readonly policy: PolicyRecord;
}

export type IdentityKind = keyof IdentityRecords;
export type IdentityRecord = IdentityRecords[IdentityKind];

/** A long-lived key of a user. The secret is sealed; see `credentials.ts`. */
export interface AccessKeyRecord {
  readonly accessKeyId: string;
  readonly account: string;
  readonly userName: string;
  readonly createdAtMs: number;
  readonly isActive: boolean;
  /** base64 */
  readonly sealedSecret: string;
  /** The same for the other regions of the installation, under the key that they share. */
  readonly sharedSecret?: string;
}

/** What a session may do at the most, for those who evaluate it. */
export interface SessionPolicies {
  /** JSON text as it came. */
  readonly document?: string;
  readonly arns: readonly string[];
}

/** A temporary key, of an assumed role or of a user. */
export interface SessionRecord {
  readonly accessKeyId: string;
  readonly account: string;
  /** Who the session acts as: `arn:aws:sts::1...:assumed-role/name/session`, or the ARN of a user. */
  readonly arn: string;
  readonly userId: string;
  /** The role that was assumed; absent when a user or the root asked for a session of its own. */
  readonly roleArn?: string;
  readonly expiresAtMs: number;
  readonly policies?: SessionPolicies;
  readonly tags: readonly TagRecord[];
  readonly sourceIdentity?: string;
  /** base64 of a sealed JSON array: secret access key, session token. */
  readonly sealedSecrets: string;
  /** The same for the other regions of the installation, under the key that they share. */
  readonly sharedSecrets?: string;
  /** The region that tells the others of it; absent in one that is alone. */
  readonly startedIn?: string;
}

export type StoredKind = IdentityKind | 'access-key' | 'session';

/** Names are unique whatever their case, so the key holds them in lower case. */
export function identityKey(account: string, kind: StoredKind, name: string): Key {
  return key(KEYSPACE.identity, account, GLOBAL_REGION, kind, name.toLowerCase());
}

/** What a key made by `identityKey` is of; the name is in lower case. */
export function parseIdentityKey(recordKey: Key): { account: string; kind: StoredKind; name: string } {
  const [, account, , kind, name] = keyParts(recordKey, ['text', 'text', 'text', 'text', 'text']);
  return { account: String(account), kind: kind as StoredKind, name: String(name) };
}

export function identityArn(record: Pick<IdentityRecord, 'kind' | 'account' | 'path' | 'name'>): string {
  return `arn:aws:iam::${record.account}:${record.kind}${record.path}${record.name}`;
}

export function rootArn(account: string): string {
  return `arn:aws:iam::${account}:root`;
}
