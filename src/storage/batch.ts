/** What a group of batches comes to: one batch with the last word on each key. */
import type { Batch, Entry, Key } from './store.ts';

/**
 * One batch that has the effect of `batches` one after the other. A record that is put and then deleted or
 * overwritten within the group never reaches the disk.
 */
export function mergeBatches(batches: readonly Batch[]): Batch {
  const [first] = batches;
  if (first !== undefined && batches.length === 1) return first;
  // The last mutation of each key. As the ranges of the whole group come first, those from before a range go.
  const mutations = new Map<Key, Entry | undefined>();
  const deleteRanges: (readonly [Key, Key])[] = [];
  for (const batch of batches) {
    for (const [from, to] of batch.deleteRanges ?? []) {
      deleteRanges.push([from, to]);
      for (const key of mutations.keys()) if (key >= from && key < to) mutations.delete(key);
    }
    for (const key of batch.deletes) mutations.set(key, undefined);
    for (const entry of batch.puts) mutations.set(entry.key, entry);
  }
  const puts: Entry[] = [];
  const deletes: Key[] = [];
  for (const [key, entry] of mutations) {
    if (entry === undefined) deletes.push(key);
    else puts.push(entry);
  }
  return { puts, deletes, deleteRanges };
}
