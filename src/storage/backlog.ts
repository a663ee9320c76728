/**
 * How much has been committed and is not on disk yet. Every backend counts with this, so that they are all behind
 * from the same point on.
 *
 * A disk that is slow, or stalls, takes nothing of what memory holds for it; and a group of a gigabyte could not be
 * written any more (SQLite takes no larger row). So whoever brings new work waits while a store is behind.
 */
import type { Batch } from './store.ts';

/** A healthy disk takes this in half a second. With what the writer has not applied it bounds the memory of commits. */
export const BACKLOG_SIZE_BYTES_MAX = 64 * 2 ** 20;

/** What a mutation costs in memory besides its bytes: its objects here, in the group and in the overlay. */
const MUTATION_OVERHEAD_BYTES = 300;

export class Backlog {
  #fillingBytes = 0;
  #writingBytes = 0;

  get isOver(): boolean {
    return this.#fillingBytes + this.#writingBytes > BACKLOG_SIZE_BYTES_MAX;
  }

  add({ puts, deletes, deleteRanges = [] }: Batch): void {
    let sizeBytes = MUTATION_OVERHEAD_BYTES * (puts.length + deletes.length + deleteRanges.length);
    for (const { key, value } of puts) sizeBytes += key.length + value.length;
    for (const key of deletes) sizeBytes += key.length;
    this.#fillingBytes += sizeBytes;
  }

  /** The filling group is being written; the next one fills. */
  seal(): void {
    this.#writingBytes = this.#fillingBytes;
    this.#fillingBytes = 0;
  }

  /** The group that was being written is on disk. */
  written(): void {
    this.#writingBytes = 0;
  }
}
