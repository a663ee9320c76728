/**
 * Which events a bus has taken from other regions, for a day and more: one that two rules send, or that comes a second
 * time after an outage, is taken once. The stream itself brings each parcel once; this is about events.
 *
 * An event is filed under the half day in which it came, so that old ones go in ranges and a look needs three keys.
 */
import type { Timer } from '../../base/clock.ts';
import { encodeRecord } from '../../storage/codec.ts';
import { key, prefixRange } from '../../storage/keys.ts';
import type { Key } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';

const BUCKET_MS = 12 * 3_600_000;
/** Buckets that are looked in, and kept: 24 hours and the part of the present one. */
const BUCKET_COUNT = 3;
const EXPIRY_INTERVAL_MS = 3_600_000;
/** Deleted in one turn, and the pause after it, so that requests get in between. */
const EXPIRED_COUNT_MAX = 500;
const EXPIRY_PAUSE_MS = 10;

const ARRIVED = encodeRecord({});

export class ArrivedEvents {
  readonly #loop: Loop;
  /** Of the present turn, which the store does not show yet. */
  #turn: Turn | undefined;
  readonly #inTurn = new Set<Key>();
  #expiry: Timer | undefined;

  constructor(loop: Loop) {
    this.#loop = loop;
  }

  start(): void {
    this.#schedule(EXPIRY_INTERVAL_MS);
  }

  close(): void {
    this.#expiry?.cancel();
  }

  /** Remembers that the bus has the event. False when it had it before. */
  add(turn: Turn, busArn: string, eventId: string): boolean {
    if (this.#turn !== turn) this.#inTurn.clear();
    this.#turn = turn;
    const bucket = Math.floor(turn.now / BUCKET_MS);
    const keys: Key[] = [];
    for (let age = 0; age < BUCKET_COUNT && age <= bucket; age += 1) {
      keys.push(key(KEYSPACE.arrivedEvent, bucket - age, busArn, eventId));
    }
    const [now = ''] = keys;
    if (this.#inTurn.has(now)) return false;
    if (this.#loop.store.getMany(keys).some((value) => value !== undefined)) return false;
    this.#inTurn.add(now);
    turn.put(now, ARRIVED);
    return true;
  }

  #schedule(delayMs: number): void {
    const { timers, clock } = this.#loop;
    this.#expiry = timers.at(clock.now() + delayMs, () => {
      const deleted = this.#loop.turn((turn) => this.#expire(turn));
      this.#schedule(deleted === EXPIRED_COUNT_MAX ? EXPIRY_PAUSE_MS : EXPIRY_INTERVAL_MS);
    });
  }

  #expire(turn: Turn): number {
    const oldest = Math.max(0, Math.floor(turn.now / BUCKET_MS) - BUCKET_COUNT + 1);
    const [from] = prefixRange(key(KEYSPACE.arrivedEvent));
    const to = key(KEYSPACE.arrivedEvent, oldest);
    const entries = this.#loop.store.range(from, to, { limit: EXPIRED_COUNT_MAX });
    for (const entry of entries) turn.delete(entry.key);
    return entries.length;
  }
}
