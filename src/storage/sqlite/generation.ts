/** Committed mutations on their way to the table: the last word on each key since the generation began. */
import { releaseBytes } from '../../base/large-bytes.ts';
import { OrderedMap } from '../ordered-map.ts';
import { readBatch } from '../journal.ts';
import type { BatchReader } from '../journal.ts';
import type { Key, Position } from '../store.ts';

/** Past every key: keys are made of characters up to 255. */
const KEY_MAX = '\u0100';

export class Generation implements BatchReader {
  /** Undefined for a deleted key. A value has the room for its record's head before it. */
  readonly #records = new OrderedMap<Buffer | undefined>();
  /** Removed before the records are put, so records from before a range have left `#records`. */
  readonly ranges: [from: Key, to: Key][] = [];
  /** The commits that it covers, oldest first. */
  readonly commits: { readonly position: Position; readonly sizeBytes: number }[] = [];
  /** What all records are views of. */
  readonly #batches: Uint8Array[] = [];
  readonly startedMs: number;
  sizeBytes = 0;

  constructor(startedMs: number) {
    this.startedMs = startedMs;
  }

  get isEmpty(): boolean {
    return this.commits.length === 0;
  }

  add(position: Position, batch: Uint8Array): void {
    readBatch(batch, this);
    this.commits.push({ position, sizeBytes: batch.length });
    this.#batches.push(batch);
    this.sizeBytes += batch.length;
  }

  /**
   * Gives its memory back at once; nothing can be read from it any more. The writer's thread makes next to no objects
   * after a burst, so that its garbage collector would let go of the last 64 MB with the next burst.
   */
  release(): void {
    for (const batch of this.#batches) releaseBytes(batch);
  }

  has(key: Key): boolean {
    return this.#records.has(key);
  }

  keys(): Generator<Key, void, undefined> {
    return this.#records.keys('', KEY_MAX);
  }

  get(key: Key): Buffer | undefined {
    return this.#records.get(key);
  }

  deleteRange(from: Key, to: Key): void {
    for (const key of Array.from(this.#records.keys(from, to))) this.#records.delete(key);
    this.ranges.push([from, to]);
  }

  delete(key: Key): void {
    this.#records.set(key, undefined);
  }

  put(key: Key, room: Buffer): void {
    this.#records.set(key, room);
  }
}
