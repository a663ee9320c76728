/**
 * The health checks of all accounts, in memory and on disk, as `zones.ts` keeps zones. Those who perform checks read
 * them here and subscribe to changes, whether they were made in this region or in another one.
 */
import { decodeHead, encodeRecord } from '../../storage/codec.ts';
import { key, keyParts, prefixRange } from '../../storage/keys.ts';
import type { Key, Value } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';
import type { ReplicatedRecords } from '../region/ports.ts';
import { type HealthCheckRecord, healthCheckKey } from './health-check-record.ts';

/** Told of every check that came, changed or went; `record` is undefined for one that went. */
export type HealthCheckSubscriber = (id: string, record: HealthCheckRecord | undefined) => void;

export class HealthChecks {
  readonly #loop: Loop;
  readonly #records: ReplicatedRecords;
  readonly #byId = new Map<string, HealthCheckRecord>();
  /** Ids by account, in the order made. */
  readonly #accounts = new Map<string, Set<string>>();
  readonly #subscribers = new Set<HealthCheckSubscriber>();

  constructor({ loop, records }: { readonly loop: Loop; readonly records: ReplicatedRecords }) {
    this.#loop = loop;
    this.#records = records;
  }

  /** Reads everything back, and follows what the home region writes from now on. */
  start(): void {
    const { store, quarantine } = this.#loop;
    const apply = (at: Key, value: Value | undefined): void => this.#apply(at, value);
    const stored = store.range(...prefixRange(key(KEYSPACE.healthCheck)));
    quarantine.each('configuration', stored, (entry) => apply(entry.key, entry.value));
    this.#records.follow(KEYSPACE.healthCheck, { apply });
  }

  /** Calls back in the turn of the change. Answers the unsubscribe function. */
  onChange(subscriber: HealthCheckSubscriber): () => void {
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }

  /** Ids are unique among all accounts. */
  find(id: string): HealthCheckRecord | undefined {
    return this.#byId.get(id);
  }

  all(): Iterable<HealthCheckRecord> {
    return this.#byId.values();
  }

  /** By id. */
  list(account: string): HealthCheckRecord[] {
    const ids = [...(this.#accounts.get(account) ?? [])].toSorted();
    return ids.flatMap((id) => this.#byId.get(id) ?? []);
  }

  count(account: string): number {
    return this.#accounts.get(account)?.size ?? 0;
  }

  put(turn: Turn, record: HealthCheckRecord): void {
    this.#records.put(turn, healthCheckKey(record.account, record.id), encodeRecord(record));
    this.#remember(record);
  }

  delete(turn: Turn, { account, id }: HealthCheckRecord): void {
    this.#records.delete(turn, healthCheckKey(account, id));
    this.#forget(account, id);
  }

  #remember(record: HealthCheckRecord): void {
    this.#byId.set(record.id, record);
    let ids = this.#accounts.get(record.account);
    if (ids === undefined) this.#accounts.set(record.account, (ids = new Set()));
    ids.add(record.id);
    for (const subscriber of this.#subscribers) subscriber(record.id, record);
  }

  #forget(account: string, id: string): void {
    this.#byId.delete(id);
    this.#accounts.get(account)?.delete(id);
    for (const subscriber of this.#subscribers) subscriber(id, undefined);
  }

  #apply(at: Key, value: Value | undefined): void {
    if (value !== undefined) {
      this.#remember(decodeHead<HealthCheckRecord>(value));
      return;
    }
    const [, account, id] = keyParts(at, ['text', 'text', 'text']);
    this.#forget(String(account), String(id));
  }
}
