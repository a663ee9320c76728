/** Reads long ranges some records at a time, so that not all of one is in memory at once. */
import type { Entry, Key, Store } from './store.ts';

/** Records of AWS's largest size, a megabyte each, are then 128 MB. */
const RECORDS_PER_READ = 128;

export interface ScanOptions {
  readonly countPerRead?: number;
  /** From the last key to the first. Default: false. */
  readonly reverse?: boolean;
}

/** The entries of a range, in order. What is committed during the scan past where it has got to is read, too. */
export function* scan(
  store: Pick<Store, 'range'>,
  range: readonly [from: Key, to: Key],
  { countPerRead = RECORDS_PER_READ, reverse = false }: ScanOptions = {},
): Generator<Entry> {
  let [from, to] = range;
  for (;;) {
    const entries = store.range(from, to, { limit: countPerRead, reverse });
    yield* entries;
    const last = entries.at(-1);
    if (last === undefined || entries.length < countPerRead) return;
    // A zero byte more makes the next possible key.
    if (reverse) to = last.key;
    else from = `${last.key}\u0000`;
  }
}
