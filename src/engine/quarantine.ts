/**
 * What has been set aside so that everything else can go on: records whose bytes are damaged, and entities that our
 * own code cannot work on. `millrace doctor` lists it; whoever finds such a thing reports it here and nowhere else.
 *
 * Things stay where they are in the store: this is a list of them. What can be found again is found again by the next
 * start and is forgotten with the process. Damaged records are noticed only when they are read, so the list of those
 * is on disk, and each is looked at again at the start: it may have been written anew, or deleted.
 */
import type { Clock } from '../base/clock.ts';
import { errorMessage } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { decodeHead, encodeRecord } from '../storage/codec.ts';
import { key, prefixRange } from '../storage/keys.ts';
import { CorruptRecordError, type Entry, type Key, type Store, type Value } from '../storage/store.ts';
import { KEYSPACE } from './keyspace.ts';
import type { Timers } from './timer/timers.ts';

export type QuarantineKind =
  | 'record'
  | 'configuration'
  | 'execution'
  | 'delivery'
  | 'invocation'
  | 'message'
  | 'trace';

export interface Quarantined {
  readonly kind: QuarantineKind;
  /** What it is: an ARN, an id, or the key of a record. */
  readonly subject: string;
  readonly reason: string;
  readonly sinceMs: number;
}

/** What it needs of the loop, which has it. */
interface QuarantineHost {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly timers: Timers;
  readonly isClosed: boolean;
  turn(decide: (turn: { put(key: Key, value: Value): void; delete(key: Key): void }) => void): void;
}

/** Things that are listed; further ones are counted alone. A disk that is failing can have any number of them. */
const LISTED_MAX = 1000;

export class Quarantine {
  readonly #loop: QuarantineHost;
  readonly #listed = new Map<Key, Quarantined>();
  #unlistedCount = 0;

  constructor(loop: QuarantineHost) {
    this.#loop = loop;
  }

  /** Takes up the damaged records that were known, and hears of new ones from now on. */
  start(): void {
    const { store } = this.#loop;
    for (const { key: listKey, value } of store.range(...prefixRange(key(KEYSPACE.quarantine)))) {
      this.#listed.set(listKey, decodeHead<Quarantined>(value));
    }
    store.onCorrupt((recordKey) =>
      this.add('record', recordKey, 'its bytes are not those that were written'),
    );
    const known = [...this.#listed.values()];
    this.#later(() => {
      for (const { subject } of known) if (!this.#isDamaged(subject)) this.release('record', subject);
    });
  }

  /** May be called in the middle of a turn: it never throws and writes later, in a turn of its own. */
  add(kind: QuarantineKind, subject: string, reason: string): void {
    const listKey = key(KEYSPACE.quarantine, kind, subject);
    if (this.#loop.isClosed || this.#listed.has(listKey)) return;
    this.#loop.log.error({ kind, subject, reason }, 'quarantined');
    if (this.#listed.size >= LISTED_MAX) {
      this.#unlistedCount += 1;
      return;
    }
    const quarantined = { kind, subject, reason, sinceMs: this.#loop.clock.now() };
    this.#listed.set(listKey, quarantined);
    if (kind === 'record') this.#later(() => this.#write(listKey, quarantined));
  }

  /** It works again, or is gone. */
  release(kind: QuarantineKind, subject: string): void {
    const listKey = key(KEYSPACE.quarantine, kind, subject);
    if (!this.#listed.delete(listKey) || kind !== 'record') return;
    this.#later(() => this.#loop.turn((turn) => turn.delete(listKey)));
  }

  /** Does `work` for one of many things: when it throws, that one is set aside. */
  guard(kind: QuarantineKind, subject: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.add(kind, subject, errorMessage(error));
    }
  }

  /** Does `work` for each record that a start reads back: those for which it throws are set aside. */
  each(kind: QuarantineKind, entries: Iterable<Entry>, work: (entry: Entry) => void): void {
    for (const entry of entries) this.guard(kind, entry.key, () => work(entry));
  }

  /** The oldest first. */
  list(): Quarantined[] {
    return [...this.#listed.values()];
  }

  /** Of everything that is set aside, listed or not. */
  get count(): number {
    return this.#listed.size + this.#unlistedCount;
  }

  #write(listKey: Key, quarantined: Quarantined): void {
    // A list is no reason to fill a disk up; and what is in the list is damaged whether it says so on disk or not.
    if (!this.#listed.has(listKey) || !this.#loop.store.acceptsWrites) return;
    this.#loop.turn((turn) => turn.put(listKey, encodeRecord(quarantined)));
  }

  #later(work: () => void): void {
    this.#loop.timers.at(this.#loop.clock.now(), work);
  }

  #isDamaged(recordKey: Key): boolean {
    try {
      this.#loop.store.get(recordKey);
      return false;
    } catch (error) {
      return error instanceof CorruptRecordError;
    }
  }
}
