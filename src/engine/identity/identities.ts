/**
 * The roles, users and managed policies of all accounts, in memory and on disk, the same in every region. It knows no
 * rule of IAM: services check what they were given and put whole records. Access keys and sessions belong to
 * `credentials.ts`.
 */
import { decodeHead, encodeRecord } from '../../storage/codec.ts';
import { key, prefixRange } from '../../storage/keys.ts';
import type { Key, Value } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';
import { localRecords } from '../region/local-records.ts';
import type { ReplicatedRecords } from '../region/ports.ts';
import {
  identityArn,
  identityKey,
  type IdentityKind,
  type IdentityRecord,
  type IdentityRecords,
  parseIdentityKey,
  type PrincipalRecord,
} from './identity-record.ts';

const KINDS: ReadonlySet<string> = new Set<IdentityKind>(['role', 'user', 'policy']);

const folderOf = (kind: IdentityKind, account: string): string => `${kind}/${account}`;

export class Identities {
  readonly #loop: Loop;
  /** By kind and account, then by name in lower case. */
  readonly #folders = new Map<string, Map<string, IdentityRecord>>();
  readonly #records: ReplicatedRecords;

  constructor(loop: Loop, records: ReplicatedRecords = localRecords) {
    this.#loop = loop;
    this.#records = records;
    records.follow(KEYSPACE.identity, { apply: (recordKey, value) => this.#apply(recordKey, value) });
  }

  /** Reads everything back. */
  start(): void {
    const { store, quarantine } = this.#loop;
    quarantine.each('configuration', store.range(...prefixRange(key(KEYSPACE.identity))), ({ value }) => {
      const record = decodeHead<Partial<IdentityRecord>>(value);
      if (record.kind !== undefined && KINDS.has(record.kind)) this.#remember(record as IdentityRecord);
    });
  }

  /** Whatever the case of `name`. */
  find<Kind extends IdentityKind>(
    kind: Kind,
    account: string,
    name: string,
  ): IdentityRecords[Kind] | undefined {
    const record = this.#folders.get(folderOf(kind, account))?.get(name.toLowerCase());
    return record as IdentityRecords[Kind] | undefined;
  }

  /** The record behind an ARN of this platform's making, with the path that it has now. */
  findByArn<Kind extends IdentityKind>(kind: Kind, arn: string): IdentityRecords[Kind] | undefined {
    const [, , , , account = '', resource = ''] = arn.split(':');
    const record = this.find(kind, account, resource.slice(resource.lastIndexOf('/') + 1));
    return record !== undefined && identityArn(record) === arn ? record : undefined;
  }

  count(kind: IdentityKind, account: string): number {
    return this.#folders.get(folderOf(kind, account))?.size ?? 0;
  }

  /** Those whose path starts with `pathPrefix`, by name. */
  list<Kind extends IdentityKind>(kind: Kind, account: string, pathPrefix = '/'): IdentityRecords[Kind][] {
    const records = [...(this.#folders.get(folderOf(kind, account))?.values() ?? [])];
    return (records as IdentityRecords[Kind][])
      .filter(({ path }) => path.startsWith(pathPrefix))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The roles and users that a managed policy is attached to. */
  attachedTo(account: string, policyArn: string): PrincipalRecord[] {
    return [...this.list('role', account), ...this.list('user', account)].filter(({ attachedPolicies }) =>
      attachedPolicies.includes(policyArn),
    );
  }

  /** Creates or replaces a record; an update may change anything but account and name. */
  put(turn: Turn, record: IdentityRecord): void {
    this.#records.put(turn, identityKey(record.account, record.kind, record.name), encodeRecord(record));
    this.#remember(record);
  }

  delete(turn: Turn, record: IdentityRecord): void {
    this.#records.delete(turn, identityKey(record.account, record.kind, record.name));
    this.#folders.get(folderOf(record.kind, record.account))?.delete(record.name.toLowerCase());
  }

  /** Another region has written it. */
  #apply(recordKey: Key, value: Value | undefined): void {
    const { account, kind, name } = parseIdentityKey(recordKey);
    if (!KINDS.has(kind)) return;
    if (value === undefined) this.#folders.get(folderOf(kind as IdentityKind, account))?.delete(name);
    else this.#remember(decodeHead<IdentityRecord>(value));
  }

  #remember(record: IdentityRecord): void {
    const name = folderOf(record.kind, record.account);
    let folder = this.#folders.get(name);
    if (folder === undefined) this.#folders.set(name, (folder = new Map()));
    folder.set(record.name.toLowerCase(), record);
  }
}
