/** The stored forms of zones and what is in them. DNS is global: keys say the account, and no region. */
import { key } from '../../storage/keys.ts';
import type { Key } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';

export interface TagRecord {
  readonly key: string;
  readonly value: string;
}

export interface ZoneRecord {
  /** 12 digits. */
  readonly account: string;
  /** `Z` and 20 characters. */
  readonly id: string;
  /** As in `domain-name.ts`. */
  readonly name: string;
  readonly callerReference: string;
  readonly comment?: string;
  readonly createdAtMs: number;
  /** Four, with no dot at their end. */
  readonly nameServers: readonly string[];
  readonly tags: readonly TagRecord[];
}

/** By what a record set is chosen among those of its name and type. */
export type Routing =
  | { readonly kind: 'simple' }
  /** From 0 to 255. */
  | { readonly kind: 'weighted'; readonly weight: number }
  | { readonly kind: 'latency'; readonly region: string }
  | { readonly kind: 'failover'; readonly role: 'PRIMARY' | 'SECONDARY' }
  | { readonly kind: 'geolocation'; readonly location: Location }
  | { readonly kind: 'multivalue' };

/** A continent, or a country (`*` is the default), or a part of one. */
export interface Location {
  readonly continent?: string;
  readonly country?: string;
  readonly subdivision?: string;
}

export interface AliasTarget {
  /** Of a zone here, or of one of AWS's services. */
  readonly zoneId: string;
  readonly name: string;
  /** Whether the alias is as healthy as what it stands for. */
  readonly evaluatesHealth: boolean;
}

/** All values of a name and type that are answered together. It has either values and a TTL, or an alias. */
export interface RecordSet {
  readonly name: string;
  readonly type: string;
  readonly setIdentifier?: string;
  readonly routing: Routing;
  readonly ttlSeconds?: number;
  /** In the form of zone files, as they came. */
  readonly values: readonly string[];
  readonly alias?: AliasTarget;
  readonly healthCheckId?: string;
}

export interface StoredRecordSet extends RecordSet {
  readonly account: string;
  readonly zoneId: string;
}

/** A change that was made, for GetChange. All are in sync at once: regions answer from their own copies. */
export interface ChangeRecord {
  readonly account: string;
  /** `C` and 20 characters. */
  readonly id: string;
  readonly submittedAtMs: number;
  readonly comment?: string;
}

export function zoneKey(account: string, id: string): Key {
  return key(KEYSPACE.zone, account, id);
}

export function recordSetKey(account: string, zoneId: string, set: RecordSet): Key {
  return key(KEYSPACE.recordSet, account, zoneId, set.name, set.type, set.setIdentifier ?? '');
}

export function changeKey({ account, submittedAtMs, id }: ChangeRecord): Key {
  return key(KEYSPACE.dnsChange, account, submittedAtMs, id);
}

/** Which record set of its zone it is. */
export function identityOf({ name, type, setIdentifier = '' }: RecordSet): string {
  return `${name}\u0000${type}\u0000${setIdentifier}`;
}
