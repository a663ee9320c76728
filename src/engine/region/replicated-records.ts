/**
 * Records that every region holds. The region that writes one sends it to its peers in the same commit; a peer puts it
 * into its own store, in the turn in which its engine hears of it. Two regions must not write the same record: the last
 * that comes would win, and regions could differ on which that is.
 *
 * Beside each record that a peer has sent there is a mark that says who sent it, and since which snapshot. A later
 * snapshot of that peer's store then tells which records it no longer has. What comes from a store that replaced a lost
 * one takes nothing away: the copies that its peers hold may be all that is left.
 */
import type { Timer } from '../../base/clock.ts';
import { decodeHead, encodeRecord } from '../../storage/codec.ts';
import { key, keyParts, prefixRange } from '../../storage/keys.ts';
import type { Entry, Key, Value } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';
import type { NewParcel, Parcel, Refusal, Sender } from './parcel.ts';
import type { SnapshotSource } from './peer-stream.ts';
import { PeerStreams } from './peer-streams.ts';
import type { Follower, Installation, ReplicatedRecords } from './ports.ts';

const RECORD = 'record';
const SNAPSHOT = 'snapshot';
/** Records of a snapshot that go into the outbox in one turn, and marks that are looked over in one. */
const SLICE_COUNT = 100;

interface RecordHead {
  readonly key: Key;
  readonly isDeleted?: true;
}

interface SnapshotHead {
  readonly phase: 'begin' | 'end';
}

/** What is stored of a snapshot that a peer has sent. */
interface SnapshotRecord {
  readonly incarnation: number;
  /** Its number in the stream. */
  readonly snapshot: number;
  /** It is whole: what has an earlier mark of the same incarnation is gone at the peer, and looked for from here on. */
  readonly sweptTo?: Key;
}

/** Beside a record that a peer has sent. */
interface MarkRecord {
  readonly incarnation: number;
  readonly snapshot: number;
}

export class RegionRecords implements ReplicatedRecords, SnapshotSource {
  readonly streams: PeerStreams;
  readonly #loop: Loop;
  readonly #installation: Installation;
  readonly #followers = new Map<string, Follower[]>();
  readonly #snapshots = new Map<string, SnapshotRecord>();
  readonly #sweeps = new Map<string, Timer>();

  constructor(loop: Loop, installation: Installation) {
    this.#loop = loop;
    this.#installation = installation;
    this.streams = new PeerStreams({ loop, installation }, this);
    this.streams.register(RECORD, { apply: (turn, parcel, from) => this.#applyRecord(turn, parcel, from) });
    this.streams.register(SNAPSHOT, { apply: (turn, parcel, from) => this.#mark(turn, parcel, from) });
  }

  /** All engines have been started, and have said what they follow. */
  start(): void {
    const { store, quarantine } = this.#loop;
    const range = prefixRange(key(KEYSPACE.peerSnapshot));
    quarantine.each('configuration', store.range(...range), ({ key: recordKey, value }) => {
      const region = String(keyParts(recordKey, ['text', 'text'])[1]);
      this.#snapshots.set(region, decodeHead<SnapshotRecord>(value));
      this.#sweep(region);
    });
    this.streams.start();
  }

  close(): void {
    this.streams.close();
    for (const timer of this.#sweeps.values()) timer.cancel();
  }

  put(turn: Turn, recordKey: Key, value: Value): void {
    turn.put(recordKey, value);
    if (this.streams.peers.length > 0) this.streams.sendToAll(turn, recordParcel(recordKey, value));
  }

  delete(turn: Turn, recordKey: Key): void {
    turn.delete(recordKey);
    if (this.streams.peers.length > 0) this.streams.sendToAll(turn, recordParcel(recordKey, undefined));
  }

  follow(keyspace: string, follower: Follower): void {
    this.#followers.set(keyspace, [...(this.#followers.get(keyspace) ?? []), follower]);
  }

  /** The records that this region writes, as they are now. */
  slice(from: Key): { readonly parcels: readonly NewParcel[]; readonly next?: Key } {
    const parcels: NewParcel[] = from === '' ? [{ kind: SNAPSHOT, head: { phase: 'begin' } }] : [];
    for (const keyspace of [...this.#followers.keys()].toSorted()) {
      const [first, end] = prefixRange(key(keyspace));
      if (from >= end) continue;
      const start = from > first ? from : first;
      const entries = this.#loop.store.range(start, end, { limit: SLICE_COUNT });
      for (const entry of entries) {
        if (this.#isOwn(keyspace, entry)) parcels.push(recordParcel(entry.key, entry.value));
      }
      const last = entries.at(-1);
      if (last !== undefined && entries.length === SLICE_COUNT) return { parcels, next: `${last.key}\u0000` };
      // A slice reads one keyspace at the most.
      return { parcels, next: end };
    }
    return { parcels: [...parcels, { kind: SNAPSHOT, head: { phase: 'end' } }] };
  }

  #isOwn(keyspace: string, { key: recordKey, value }: Entry): boolean {
    const { home, own } = this.#installation;
    return (this.#followers.get(keyspace) ?? []).some(
      (follower) => follower.isOwn?.(recordKey, value) ?? home === own.region,
    );
  }

  #applyRecord(turn: Turn, { head, texts }: Parcel, from: Sender): Refusal | undefined {
    const { key: recordKey, isDeleted } = head as RecordHead;
    const keyspace = String(keyParts(recordKey, ['text'])[0]);
    const followers = this.#followers.get(keyspace);
    if (followers === undefined) {
      return { code: 'INVALID_PARAMETER', message: `Nothing here holds ${keyspace}.`, isRetryable: false };
    }
    const markKey = key(KEYSPACE.peerRecord, from.region, recordKey);
    const value = isDeleted ? undefined : Buffer.from(texts[0] ?? '', 'base64');
    if (value === undefined) {
      turn.delete(recordKey);
      turn.delete(markKey);
    } else {
      turn.put(recordKey, value);
      const { snapshot = 0 } = this.#snapshots.get(from.region) ?? {};
      const mark: MarkRecord = { incarnation: from.incarnation, snapshot };
      turn.put(markKey, encodeRecord(mark));
    }
    for (const follower of followers) this.#tell(recordKey, () => follower.apply(recordKey, value));
    return undefined;
  }

  /** The record is stored; an engine that cannot read it must not keep the others from theirs. */
  #tell(recordKey: Key, apply: () => void): void {
    this.#loop.quarantine.guard('configuration', recordKey, apply);
  }

  #mark(turn: Turn, { head, number }: Parcel, { region, incarnation }: Sender): undefined {
    const { phase } = head as SnapshotHead;
    if (phase === 'begin') {
      this.#setSnapshot(turn, region, { incarnation, snapshot: number });
      return;
    }
    const begun = this.#snapshots.get(region);
    if (begun === undefined || begun.incarnation !== incarnation) return;
    this.#setSnapshot(turn, region, { ...begun, sweptTo: '' });
    this.#sweep(region);
  }

  #setSnapshot(turn: Turn, region: string, record: SnapshotRecord): void {
    this.#snapshots.set(region, record);
    turn.put(key(KEYSPACE.peerSnapshot, region), encodeRecord(record));
  }

  /** Deletes what the peer no longer has, a slice a turn. */
  #sweep(region: string): void {
    const { timers, clock } = this.#loop;
    if (this.#snapshots.get(region)?.sweptTo === undefined || this.#sweeps.has(region)) return;
    const timer = timers.at(clock.now(), () => {
      this.#sweeps.delete(region);
      this.#loop.turn((turn) => this.#sweepSlice(turn, region));
      this.#sweep(region);
    });
    this.#sweeps.set(region, timer);
  }

  #sweepSlice(turn: Turn, region: string): void {
    const record = this.#snapshots.get(region);
    if (record?.sweptTo === undefined) return;
    const { incarnation, snapshot, sweptTo } = record;
    const [first, end] = prefixRange(key(KEYSPACE.peerRecord, region));
    const marks = this.#loop.store.range(sweptTo > first ? sweptTo : first, end, { limit: SLICE_COUNT });
    for (const { key: markKey, value } of marks) {
      const mark = decodeHead<MarkRecord>(value);
      if (mark.incarnation !== incarnation || mark.snapshot >= snapshot) continue;
      const recordKey = String(keyParts(markKey, ['text', 'text', 'text'])[2]);
      turn.delete(recordKey);
      turn.delete(markKey);
      const followers = this.#followers.get(String(keyParts(recordKey, ['text'])[0])) ?? [];
      for (const follower of followers) {
        this.#tell(recordKey, () => follower.apply(recordKey, undefined));
      }
    }
    const last = marks.at(-1);
    const isDone = last === undefined || marks.length < SLICE_COUNT;
    const swept = { incarnation, snapshot };
    this.#setSnapshot(turn, region, isDone ? swept : { ...swept, sweptTo: `${last.key}\u0000` });
  }
}

function recordParcel(recordKey: Key, value: Value | undefined): NewParcel {
  if (value === undefined) return { kind: RECORD, head: { key: recordKey, isDeleted: true } };
  const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  return { kind: RECORD, head: { key: recordKey }, texts: [text] };
}
