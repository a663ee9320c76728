/**
 * The hosted zones of all accounts, in memory and on disk, and the changes that were made to them. It knows no rule of
 * Route 53: services check what they were given (`change-batch.ts` decides on batches) and put whole records. Every
 * region holds a copy; the home region writes, and the others follow.
 */
import { invariant } from '../../base/assert.ts';
import { decodeHead, encodeRecord } from '../../storage/codec.ts';
import { key, keyParts, prefixRange } from '../../storage/keys.ts';
import type { Key, Value } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';
import type { ReplicatedRecords } from '../region/ports.ts';
import { parentOf } from './domain-name.ts';
import {
  type ChangeRecord,
  changeKey,
  recordSetKey,
  type RecordSet,
  type StoredRecordSet,
  zoneKey,
  type ZoneRecord,
} from './record-set.ts';
import { Zone } from './zone.ts';

/** Of each account, for GetChange; older ones are forgotten. AWS does not say how long it remembers. */
const CHANGES_MAX = 1000;

/** A zone whose record is there. */
export type KnownZone = Zone & { readonly record: ZoneRecord };

export interface ZonesOptions {
  readonly loop: Loop;
  readonly records: ReplicatedRecords;
}

export class Zones {
  readonly #loop: Loop;
  readonly #records: ReplicatedRecords;
  /** By account, then by id. */
  readonly #accounts = new Map<string, Map<string, Zone>>();
  /** Zones of a name, the oldest first: it is the one that is asked. */
  readonly #byName = new Map<string, readonly KnownZone[]>();
  /** By account, then by id, the oldest first. */
  readonly #changes = new Map<string, Map<string, ChangeRecord>>();

  constructor({ loop, records }: ZonesOptions) {
    this.#loop = loop;
    this.#records = records;
  }

  /** Reads everything back, and follows what the home region writes from now on. */
  start(): void {
    const appliers: readonly (readonly [string, (key: Key, value: Value | undefined) => void])[] = [
      [KEYSPACE.zone, (at, value) => this.#applyZone(at, value)],
      [KEYSPACE.recordSet, (at, value) => this.#applyRecordSet(at, value)],
      [KEYSPACE.dnsChange, (at, value) => this.#applyChange(at, value)],
    ];
    const { store, quarantine } = this.#loop;
    for (const [keyspace, apply] of appliers) {
      quarantine.each('configuration', store.range(...prefixRange(key(keyspace))), (entry) =>
        apply(entry.key, entry.value),
      );
      this.#records.follow(keyspace, { apply });
    }
  }

  find(account: string, id: string): KnownZone | undefined {
    const zone = this.#accounts.get(account)?.get(id);
    return zone !== undefined && isKnown(zone) ? zone : undefined;
  }

  list(account: string): KnownZone[] {
    return [...(this.#accounts.get(account)?.values() ?? [])].filter(isKnown);
  }

  /** Those of all accounts. */
  *all(): Iterable<KnownZone> {
    for (const account of this.#accounts.keys()) yield* this.list(account);
  }

  /** The zone that answers for a name: that of its longest suffix, whatever the account. */
  zoneFor(name: string): KnownZone | undefined {
    for (let at: string | undefined = name; at !== undefined; at = parentOf(at)) {
      const [zone] = this.#byName.get(at) ?? [];
      if (zone !== undefined) return zone;
    }
    return undefined;
  }

  /** Creates or replaces the record of a zone, whose account, id and name stay. */
  put(turn: Turn, record: ZoneRecord): KnownZone {
    this.#records.put(turn, zoneKey(record.account, record.id), encodeRecord(record));
    return this.#remember(record);
  }

  /** Deletes a zone with all that is in it. */
  delete(turn: Turn, zone: KnownZone): void {
    this.change(turn, zone, { puts: [], deletes: zone.sorted() });
    this.#records.delete(turn, zoneKey(zone.record.account, zone.record.id));
    this.#forget(zone);
  }

  /** Makes a batch of changes that has been decided on. */
  change(
    turn: Turn,
    zone: KnownZone,
    { puts, deletes }: { readonly puts: readonly RecordSet[]; readonly deletes: readonly RecordSet[] },
  ): void {
    const { account, id: zoneId } = zone.record;
    for (const set of deletes) {
      this.#records.delete(turn, recordSetKey(account, zoneId, set));
      zone.delete(set);
    }
    for (const set of puts) {
      const stored: StoredRecordSet = { ...set, account, zoneId };
      this.#records.put(turn, recordSetKey(account, zoneId, set), encodeRecord(stored));
      zone.put(set);
    }
  }

  findChange(account: string, id: string): ChangeRecord | undefined {
    return this.#changes.get(account)?.get(id);
  }

  putChange(turn: Turn, change: ChangeRecord): void {
    this.#records.put(turn, changeKey(change), encodeRecord(change));
    const changes = this.#changesOf(change.account);
    changes.set(change.id, change);
    if (changes.size <= CHANGES_MAX) return;
    const [oldest] = changes.values();
    invariant(oldest !== undefined, 'there are more changes than are kept');
    this.#records.delete(turn, changeKey(oldest));
    changes.delete(oldest.id);
  }

  #changesOf(account: string): Map<string, ChangeRecord> {
    let changes = this.#changes.get(account);
    if (changes === undefined) this.#changes.set(account, (changes = new Map()));
    return changes;
  }

  /** The zone of an account and id, made when it is first spoken of: its record sets may come before its record. */
  #zone(account: string, id: string): Zone {
    let zones = this.#accounts.get(account);
    if (zones === undefined) this.#accounts.set(account, (zones = new Map()));
    let zone = zones.get(id);
    if (zone === undefined) zones.set(id, (zone = new Zone()));
    return zone;
  }

  #remember(record: ZoneRecord): KnownZone {
    const zone = this.#zone(record.account, record.id);
    zone.record = record;
    invariant(isKnown(zone), 'the zone has its record');
    const others = (this.#byName.get(record.name) ?? []).filter((other) => other !== zone);
    const known = [...others, zone].toSorted((a, b) => a.record.createdAtMs - b.record.createdAtMs);
    this.#byName.set(record.name, known);
    return zone;
  }

  #forget(zone: KnownZone): void {
    const { account, id, name } = zone.record;
    const left = (this.#byName.get(name) ?? []).filter((other) => other !== zone);
    if (left.length === 0) this.#byName.delete(name);
    else this.#byName.set(name, left);
    this.#accounts.get(account)?.delete(id);
  }

  #applyZone(at: Key, value: Value | undefined): void {
    if (value !== undefined) {
      this.#remember(decodeHead<ZoneRecord>(value));
      return;
    }
    const [, account, id] = keyParts(at, ['text', 'text', 'text']);
    const zone = this.find(String(account), String(id));
    if (zone !== undefined) this.#forget(zone);
  }

  #applyRecordSet(at: Key, value: Value | undefined): void {
    if (value !== undefined) {
      const { account, zoneId, ...set } = decodeHead<StoredRecordSet>(value);
      this.#zone(account, zoneId).put(set);
      return;
    }
    const parts = keyParts(at, ['text', 'text', 'text', 'text', 'text', 'text']);
    const [, account, zoneId, ...identity] = parts;
    const zone = this.#accounts.get(String(account))?.get(String(zoneId));
    const set = zone?.get(identity.join('\u0000'));
    if (set !== undefined) zone?.delete(set);
  }

  #applyChange(at: Key, value: Value | undefined): void {
    if (value !== undefined) {
      const change = decodeHead<ChangeRecord>(value);
      this.#changesOf(change.account).set(change.id, change);
      return;
    }
    const [, account, , id] = keyParts(at, ['text', 'text', 'number', 'text']);
    this.#changes.get(String(account))?.delete(String(id));
  }
}

function isKnown(zone: Zone): zone is KnownZone {
  return zone.record !== undefined;
}
