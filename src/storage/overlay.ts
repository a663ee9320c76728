/**
 * What has been committed and is not in the table yet, for the reads of this process: records, tombstones and
 * deleted ranges, each with the position of its last change. It lies over the table; an entry leaves once the
 * writer says that the table has all up to its position.
 *
 * The table may at any moment be ahead of what the writer last said, never behind it, and the overlay wins: so a
 * read of both is the state after the last commit, however far the writer has got meanwhile.
 */
import { OrderedMap } from './ordered-map.ts';
import type { Batch, Entry, Key, Position, RangeOptions, Value } from './store.ts';

/** Keys that one call of `prune` looks at: about half a millisecond. */
const PRUNED_KEYS_MAX = 1000;

interface Pending {
  /** Undefined for a deleted key. */
  readonly value: Value | undefined;
  readonly position: Position;
}

interface RemovedRange {
  readonly from: Key;
  readonly to: Key;
  readonly position: Position;
}

/** Reads entries of the table in order, a few at a time. */
export interface TableWalk {
  /** The next entry, or `undefined` after the last. */
  next(): Entry | undefined;
}

export class Overlay {
  readonly #pending = new OrderedMap<Pending>();
  #removedRanges: RemovedRange[] = [];
  /** What was added, oldest first, to find the entries that leave. */
  #batches: { readonly position: Position; readonly batch: Batch }[] = [];
  #appliedPosition: Position = 0;

  get size(): number {
    return this.#pending.size;
  }

  add(position: Position, batch: Batch): void {
    this.#batches.push({ position, batch });
    for (const [from, to] of batch.deleteRanges ?? []) {
      for (const key of Array.from(this.#pending.keys(from, to))) this.#pending.delete(key);
      this.#removedRanges.push({ from, to, position });
    }
    for (const key of batch.deletes) this.#pending.set(key, { value: undefined, position });
    for (const { key, value } of batch.puts) this.#pending.set(key, { value, position });
  }

  /** Whether the overlay decides about the key; if so, `get` tells its value. */
  covers(key: Key): boolean {
    return this.#pending.has(key) || this.#isRemoved(key);
  }

  get(key: Key): Value | undefined {
    return this.#pending.get(key)?.value;
  }

  /**
   * The table has everything up to `position`, save for what was changed again later. Entries leave in `prune`:
   * staying longer than they must changes nothing for a reader. Removed ranges leave now, for one that stayed
   * would hide what was put into it later.
   */
  applied(position: Position): void {
    this.#appliedPosition = position;
    this.#removedRanges = this.#removedRanges.filter((range) => range.position > position);
  }

  /** Lets go of some entries that the table has by now; true while there are more. */
  prune(): boolean {
    let keys = 0;
    let count = 0;
    for (const { position, batch } of this.#batches) {
      if (position > this.#appliedPosition || keys > PRUNED_KEYS_MAX) break;
      count += 1;
      keys += batch.deletes.length + batch.puts.length;
      for (const key of batch.deletes) this.#forget(key, position);
      for (const { key } of batch.puts) this.#forget(key, position);
    }
    this.#batches.splice(0, count);
    return keys > PRUNED_KEYS_MAX;
  }

  #forget(key: Key, position: Position): void {
    const pending = this.#pending.get(key);
    if (pending !== undefined && pending.position <= position) this.#pending.delete(key);
  }

  #isRemoved(key: Key): boolean {
    return (
      this.#removedRanges.length > 0 && this.#removedRanges.some(({ from, to }) => key >= from && key < to)
    );
  }

  /** The entries of both, in order; `table` walks the same range in the same direction. */
  merge(from: Key, to: Key, options: RangeOptions & { readonly table: TableWalk }): Entry[] {
    const { limit = Infinity, reverse = false, table } = options;
    const entries: Entry[] = [];
    const keys = this.#pending.keys(from, to, reverse);
    let ours = keys.next();
    let theirs: Entry | undefined;
    while (entries.length < limit) {
      // Only now, so that the walk reads no more of the table than the limit needs.
      theirs ??= this.#nextKept(table);
      if (ours.done === true) {
        if (theirs === undefined) break;
        entries.push(theirs);
        theirs = undefined;
      } else if (theirs !== undefined && theirs.key !== ours.value && theirs.key < ours.value !== reverse) {
        entries.push(theirs);
        theirs = undefined;
      } else {
        const key = ours.value;
        const value = this.get(key);
        if (value !== undefined) entries.push({ key, value });
        if (theirs?.key === key) theirs = undefined;
        ours = keys.next();
      }
    }
    return entries;
  }

  #nextKept(table: TableWalk): Entry | undefined {
    for (;;) {
      const entry = table.next();
      if (entry === undefined || !this.#isRemoved(entry.key)) return entry;
    }
  }
}
