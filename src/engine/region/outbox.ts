/**
 * The parcels that wait for one peer, in order, on disk. Engines add to it in their own turns, so that a parcel and
 * what it is about are one commit; `peer-stream.ts` takes from its head, and removes what the peer has on its disk.
 *
 * In memory are three numbers, however much waits: recovery reads one record and one key.
 */
import { decodeHead, encodeRecord } from '../../storage/codec.ts';
import { key, keyParts, prefixRange } from '../../storage/keys.ts';
import { scan } from '../../storage/scan.ts';
import type { Entry, Key } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';
import { decodeParcel, encodeParcel, type NewParcel, type Parcel } from './parcel.ts';

/** 1,000 events/s for a quarter of an hour, or a day of 10/s. Past it senders are told to try again later. */
export const WAITING_PARCELS_MAX = 1_000_000;
/** What one call to a peer carries: one commit there. A parcel that is larger goes alone. */
const BATCH_PARCELS_MAX = 500;
const BATCH_SIZE_BYTES_MAX = 2 ** 20;
/** Records read at once; events are a megabyte at the most. */
const PARCELS_PER_READ = 32;

/** What is stored of the stream to a peer besides its parcels. */
interface StreamRecord {
  readonly incarnation: number;
  /** The peer can begin here. */
  readonly base: number;
  /** The peer has all up to here. */
  readonly acknowledged: number;
  /** How far the snapshot that the peer needs has been written into the outbox; undefined once it is whole. */
  readonly snapshotFrom?: Key;
}

export class Outbox {
  readonly peer: string;
  readonly #loop: Loop;
  #record: StreamRecord | undefined;
  #last = 0;
  #durable = 0;
  /** The turn that last added something: the number to be durable with it. */
  #adding: { readonly turn: Turn; last: number } | undefined;

  constructor(loop: Loop, peer: string) {
    this.#loop = loop;
    this.peer = peer;
  }

  /** Takes up where the process before stopped. False when there is nothing of this peer yet. */
  start(): boolean {
    const { store } = this.#loop;
    const value = store.get(key(KEYSPACE.peerStream, this.peer));
    if (value === undefined) return false;
    this.#record = decodeHead<StreamRecord>(value);
    const [last] = store.range(...prefixRange(key(KEYSPACE.outbox, this.peer)), { reverse: true, limit: 1 });
    this.#last = last === undefined ? this.#record.acknowledged : numberOf(last.key);
    this.#durable = this.#last;
    return true;
  }

  /** Begins a stream, or begins it anew: the peer needs a snapshot, and then all that waits and comes. */
  begin(turn: Turn, incarnation: number): void {
    const { acknowledged } = this;
    this.#put(turn, { incarnation, base: acknowledged, acknowledged, snapshotFrom: '' });
  }

  get incarnation(): number {
    return this.#record?.incarnation ?? 0;
  }

  get base(): number {
    return this.#record?.base ?? 0;
  }

  /** The last number that the peer has. */
  get acknowledged(): number {
    return this.#record?.acknowledged ?? 0;
  }

  /** The last number given out. */
  get last(): number {
    return this.#last;
  }

  /** The last number that may be sent: a peer must not learn of what a crash here could take back. */
  get durable(): number {
    return this.#durable;
  }

  get waitingCount(): number {
    return this.#last - this.acknowledged;
  }

  get snapshotFrom(): Key | undefined {
    return this.#record?.snapshotFrom;
  }

  /** Adds a parcel; answers its number. `whenDurable` is called once for the turn, after its commit. */
  add(turn: Turn, parcel: NewParcel, whenDurable: () => void): number {
    this.#last += 1;
    turn.put(this.#key(this.#last), encodeParcel(parcel, turn.now));
    if (this.#adding?.turn === turn) {
      this.#adding.last = this.#last;
      return this.#last;
    }
    const adding = { turn, last: this.#last };
    this.#adding = adding;
    turn.afterCommit(() => {
      this.#durable = adding.last;
      if (this.#adding === adding) this.#adding = undefined;
      whenDurable();
    });
    return this.#last;
  }

  /** The last number that `turn` has given out, while it runs. */
  addedBy(turn: Turn): number | undefined {
    return this.#adding?.turn === turn ? this.#adding.last : undefined;
  }

  /** The next parcels to send, oldest first, and the last number that they stand for. */
  next(): { readonly parcels: Parcel[]; readonly upTo: number } {
    const parcels: Parcel[] = [];
    let sizeBytes = 0;
    for (const entry of this.#waiting(this.acknowledged, this.#durable)) {
      sizeBytes += entry.value.length;
      const isFull = parcels.length === BATCH_PARCELS_MAX || sizeBytes > BATCH_SIZE_BYTES_MAX;
      if (isFull && parcels.length > 0) return { parcels, upTo: parcels.at(-1)?.number ?? 0 };
      parcels.push(decodeParcel(entry.value, numberOf(entry.key)));
    }
    return { parcels, upTo: this.#durable };
  }

  /** Up to `countMax` parcels after a number: to look them over without sending any. */
  after(number: number, countMax: number): Parcel[] {
    const parcels: Parcel[] = [];
    for (const entry of this.#waiting(number, this.#durable)) {
      if (parcels.length === countMax) break;
      parcels.push(decodeParcel(entry.value, numberOf(entry.key)));
    }
    return parcels;
  }

  /** When the oldest of the waiting parcels was added; undefined when none waits. */
  get oldestAtMs(): number | undefined {
    return this.after(this.acknowledged, 1)[0]?.atMs;
  }

  /** The peer has all up to `upTo`, of which `parcels` were still here. */
  acknowledge(turn: Turn, upTo: number, parcels: readonly Parcel[]): void {
    if (this.#record === undefined || upTo <= this.acknowledged) return;
    for (const { number } of parcels) if (number <= upTo) turn.delete(this.#key(number));
    this.#put(turn, { ...this.#record, acknowledged: upTo });
  }

  /** Takes a parcel out of the line: it will never be sent. */
  remove(turn: Turn, { number }: Parcel): void {
    turn.delete(this.#key(number));
  }

  /** Says how far the snapshot is written; undefined when all of it is. */
  setSnapshotFrom(turn: Turn, from: Key | undefined): void {
    if (this.#record === undefined) return;
    const { snapshotFrom: _, ...record } = this.#record;
    this.#put(turn, from === undefined ? record : { ...record, snapshotFrom: from });
  }

  #put(turn: Turn, record: StreamRecord): void {
    this.#record = record;
    turn.put(key(KEYSPACE.peerStream, this.peer), encodeRecord(record));
  }

  #waiting(after: number, upTo: number): Generator<Entry> {
    const range = [this.#key(after + 1), this.#key(upTo + 1)] as const;
    return scan(this.#loop.store, range, { countPerRead: PARCELS_PER_READ });
  }

  #key(number: number): Key {
    return key(KEYSPACE.outbox, this.peer, number);
  }
}

function numberOf(recordKey: Key): number {
  return Number(keyParts(recordKey, ['text', 'text', 'number'])[2]);
}
