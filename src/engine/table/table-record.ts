/** The stored configuration of a table. What nothing here acts on is kept as the API gave it. */
import { formatArn, type Scope } from '../../base/arn.ts';
import { key } from '../../storage/keys.ts';
import type { Key } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';

export type KeyType = 'S' | 'N' | 'B';

export interface KeyAttribute {
  readonly name: string;
  readonly type: KeyType;
}

/** The primary key: items of one partition key lie together, in the order of their sort key. */
export interface KeySchema {
  readonly partition: KeyAttribute;
  readonly sort?: KeyAttribute;
}

export interface ProvisionedThroughput {
  readonly readUnits: number;
  readonly writeUnits: number;
}

export interface TableConfig {
  /** Left out for tables that are billed by request. */
  readonly provisionedThroughput?: ProvisionedThroughput;
  readonly onDemandMaximum?: { readonly readUnits?: number; readonly writeUnits?: number };
  readonly tableClass?: 'STANDARD' | 'STANDARD_INFREQUENT_ACCESS';
  readonly isDeletionProtected: boolean;
  readonly billingChangedAtMs?: number;
  readonly tableClassChangedAtMs?: number;
}

/** A secondary index: the same items under another key, those of them that have it. */
export interface IndexRecord {
  readonly name: string;
  /** A local index shares the table's partition key. */
  readonly kind: 'global' | 'local';
  readonly keySchema: KeySchema;
  readonly projectionType: 'ALL' | 'KEYS_ONLY' | 'INCLUDE';
  /** What an `INCLUDE` projection shows beside the keys. */
  readonly includedAttributes: readonly string[];
  readonly provisionedThroughput?: ProvisionedThroughput;
  /** It came to a table that had items, and not all of them are in it yet. */
  readonly isFilling?: true;
}

export interface TimeToLive {
  readonly attributeName: string;
  readonly isEnabled: boolean;
}

export interface TableRecord extends Scope {
  readonly name: string;
  /** A UUID, as AWS gives each table. */
  readonly id: string;
  /** Tells a table from an earlier one of the same name: the creation time, made unique. */
  readonly generation: number;
  readonly createdAtMs: number;
  readonly keySchema: KeySchema;
  readonly indexes: readonly IndexRecord[];
  readonly config: TableConfig;
  readonly timeToLive?: TimeToLive;
  readonly tags: Readonly<Record<string, string>>;
}

export function tableKey(scope: Scope, name: string): Key {
  return key(KEYSPACE.table, scope.account, scope.region, name);
}

export function tableStatsKey(table: TableRecord): Key {
  return key(KEYSPACE.tableStats, table.account, table.region, table.name, table.generation);
}

/** All items of the table lie under it. */
export function itemPrefix(table: TableRecord): Key {
  return key(KEYSPACE.item, table.account, table.region, table.name, table.generation);
}

/** All entries of an index lie under it. */
export function indexPrefix(table: TableRecord, index: IndexRecord): Key {
  return key(KEYSPACE.indexEntry, table.account, table.region, table.name, table.generation, index.name);
}

/** The prefix of the entries of all indexes. */
export function allIndexesPrefix(table: TableRecord): Key {
  return key(KEYSPACE.indexEntry, table.account, table.region, table.name, table.generation);
}

export function tableArn(table: Scope & { readonly name: string }): string {
  return formatArn('dynamodb', table, `table/${table.name}`);
}
