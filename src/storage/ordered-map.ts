/**
 * A map from key to value that can also be walked in key order. The memory store keeps all its records in one, the
 * SQLite store what its writer has not yet brought to the table.
 *
 * Lookups go to a hash map. The order is kept beside it, in chunks of sorted keys, and is brought up to date late:
 * new keys gather unsorted, until somebody walks or there are enough of them, so keys that come and go in between
 * (queue traffic) are never sorted at all. Deleted keys stay in their chunks, are passed over, and are swept out
 * chunk by chunk: finding each at once would cost more than everything else that a delete does.
 */
import type { Key } from './store.ts';

/** A full chunk splits in two. An insert moves half a chunk on average: 128 pointers, less than its search costs. */
const CHUNK_KEYS_MAX = 256;
/** Sorting in so many new keys takes about 1 ms: the longest that a walk can be held up by it. */
const UNSORTED_KEYS_MAX = 1024;
/** One chunk is swept per so many deletes: at 4 keys a delete, a third of the keys in chunks is dead at the most. */
const DELETES_PER_SWEEP = 64;

export class OrderedMap<V> {
  readonly #values = new Map<Key, V>();
  /** Never empty ones; the keys of each are sorted, and so are the chunks. A key occurs once; some are deleted. */
  #chunks: Key[][] = [];
  /** Keys added since the chunks were brought up to date: may repeat, may meanwhile be deleted. */
  #unsorted: Key[] = [];
  #deletes = 0;
  #sweptChunk = 0;

  get size(): number {
    return this.#values.size;
  }

  get(key: Key): V | undefined {
    return this.#values.get(key);
  }

  has(key: Key): boolean {
    return this.#values.has(key);
  }

  set(key: Key, value: V): void {
    const sizeBefore = this.#values.size;
    this.#values.set(key, value);
    if (this.#values.size === sizeBefore) return;
    this.#unsorted.push(key);
    if (this.#unsorted.length > UNSORTED_KEYS_MAX) this.#sortIn();
  }

  delete(key: Key): boolean {
    if (!this.#values.delete(key)) return false;
    if (this.#values.size === 0) {
      this.#chunks = [];
      this.#unsorted = [];
      return true;
    }
    this.#deletes += 1;
    if (this.#deletes % DELETES_PER_SWEEP === 0) this.#sweep();
    return true;
  }

  /** The keys with `from <= key < to` in order, or from the last to the first. The map must not change meanwhile. */
  *keys(from: Key, to: Key, reverse = false): Generator<Key, void, undefined> {
    if (this.#unsorted.length > 0) this.#sortIn();
    if (reverse) {
      yield* this.#keysDown(from, to);
      return;
    }
    let chunkIndex = this.#chunkFor(from);
    let index = lowerBound(this.#chunks[chunkIndex] ?? [], from);
    for (; chunkIndex < this.#chunks.length; chunkIndex += 1, index = 0) {
      const chunk = this.#chunks[chunkIndex] as Key[];
      for (; index < chunk.length; index += 1) {
        const key = chunk[index] as Key;
        if (key >= to) return;
        if (this.#values.has(key)) yield key;
      }
    }
  }

  *#keysDown(from: Key, to: Key): Generator<Key, void, undefined> {
    let chunkIndex = this.#chunkFor(to);
    let index = lowerBound(this.#chunks[chunkIndex] ?? [], to) - 1;
    while (chunkIndex >= 0) {
      const chunk = this.#chunks[chunkIndex] ?? [];
      for (; index >= 0; index -= 1) {
        const key = chunk[index] as Key;
        if (key < from) return;
        if (this.#values.has(key)) yield key;
      }
      chunkIndex -= 1;
      index = (this.#chunks[chunkIndex]?.length ?? 0) - 1;
    }
  }

  #sortIn(): void {
    // With a comparator the sort is five times as fast as without: the keys are not converted to strings again.
    const keys = this.#unsorted.filter((key) => this.#values.has(key)).sort((a, b) => (a < b ? -1 : 1));
    this.#unsorted = [];
    let chunkIndex = 0;
    for (const key of keys) {
      // Neighbours in the sorted list mostly fall into the same chunk, which saves the search for it.
      const next = this.#chunks[chunkIndex + 1];
      if (next === undefined || key >= (next[0] as Key)) chunkIndex = this.#chunkFor(key);
      this.#insert(chunkIndex, key);
    }
  }

  #insert(chunkIndex: number, key: Key): void {
    const chunk = this.#chunks[chunkIndex];
    if (chunk === undefined) {
      this.#chunks.push([key]);
      return;
    }
    const last = chunk[chunk.length - 1] as Key;
    if (key > last) {
      chunk.push(key);
    } else {
      const index = lowerBound(chunk, key);
      if (chunk[index] === key) return;
      chunk.splice(index, 0, key);
    }
    // Keys mostly grow, and a chunk that grew at its end is not filled again: it keeps three quarters.
    if (chunk.length > CHUNK_KEYS_MAX) {
      this.#chunks.splice(chunkIndex + 1, 0, chunk.splice((CHUNK_KEYS_MAX * 3) / 4));
    }
  }

  #sweep(): void {
    if (this.#sweptChunk >= this.#chunks.length) this.#sweptChunk = 0;
    const live = this.#chunks[this.#sweptChunk]?.filter((key) => this.#values.has(key));
    if (live === undefined) return;
    if (live.length === 0) {
      this.#chunks.splice(this.#sweptChunk, 1);
    } else {
      this.#chunks[this.#sweptChunk] = live;
      this.#sweptChunk += 1;
    }
  }

  /** The index of the last chunk that starts at or before `key`, or 0. */
  #chunkFor(key: Key): number {
    let low = 0;
    let high = this.#chunks.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (((this.#chunks[middle] as Key[])[0] as Key) <= key) low = middle;
      else high = middle;
    }
    return low;
  }
}

/** The index of the first key that is not less than `key`. */
function lowerBound(keys: readonly Key[], key: Key): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as Key) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
