/**
 * Events that came long after they had been sent, or from a region that had meanwhile lost its place to another: what
 * whoever took over has not seen. The last of them are listed, so that somebody can look at what they mean.
 */
import { decodeHead, encodeRecord } from '../../storage/codec.ts';
import { key, keyParts, prefixRange } from '../../storage/keys.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';

/** An event that took longer than this on its way has waited for its region to be reachable. */
export const LATE_AFTER_MS = 60_000;
const LISTED_MAX = 1000;

export interface LateEvent {
  readonly id: string;
  /** ARN. */
  readonly bus: string;
  /** The region that sent it. */
  readonly from: string;
  readonly sentAtMs: number;
  readonly arrivedAtMs: number;
  /** Of the lease, as the sender knew it. */
  readonly epoch: number;
}

export class LateEvents {
  readonly #loop: Loop;
  /** Of all that ever came late; the number of the next. */
  #count = 0;

  constructor(loop: Loop) {
    this.#loop = loop;
  }

  start(): void {
    const range = prefixRange(key(KEYSPACE.lateEvent));
    const [last] = this.#loop.store.range(...range, { reverse: true, limit: 1 });
    if (last !== undefined) this.#count = Number(keyParts(last.key, ['text', 'number'])[1]) + 1;
  }

  get count(): number {
    return this.#count;
  }

  add(turn: Turn, late: LateEvent): void {
    turn.put(key(KEYSPACE.lateEvent, this.#count), encodeRecord(late));
    if (this.#count >= LISTED_MAX) turn.delete(key(KEYSPACE.lateEvent, this.#count - LISTED_MAX));
    this.#count += 1;
  }

  /** The last that came, the newest first. */
  list(countMax: number = LISTED_MAX): LateEvent[] {
    const range = prefixRange(key(KEYSPACE.lateEvent));
    const entries = this.#loop.store.range(...range, { reverse: true, limit: countMax });
    return entries.map(({ value }) => decodeHead<LateEvent>(value));
  }
}
