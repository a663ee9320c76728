/**
 * A long list of numbered batches, the same each time, and what a store must hold after any number of them. Children
 * commit them in order; whoever opens their store afterwards finds the state after exactly one of the numbers, not
 * before the last that was acknowledged and not after the last that was sent.
 */
import type { Batch, Entry, Key, Store } from '../../src/storage/store.ts';
import { key } from '../../src/storage/keys.ts';

/** Where a child has come to, by its own words. */
export interface Progress {
  /** Found in the store when it was opened. */
  readonly seen: number;
  readonly sent: number;
  readonly acknowledged: number;
}

export type LedgerFinding =
  | { readonly kind: 'lost' | 'invented'; readonly recovered: number; readonly progress: Progress }
  | { readonly kind: 'corrupt'; readonly recovered: number; readonly what: string };

const LAST = key('last');
const LEDGER_RANGE = [key('entry'), `${LAST}\u00ff`] as const;
/** How long an entry lives, in batches. */
const LIFE = 9;
/** Each so many batches a range takes away what the deletes have left. */
const RANGE_EVERY = 40;
/** Some entries fill many pages, most of them share one. */
const LARGE_EVERY = 25;
const LARGE_BYTES = 150_000;

function entryOf(name: Key, number: number): Entry {
  const sizeBytes = number % LARGE_EVERY === 0 ? LARGE_BYTES : 20 + ((number * 37) % 900);
  return { key: name, value: Buffer.alloc(sizeBytes, `${number} of ${name}; `) };
}

/** A new entry, one that is written over and over, the number itself; and some older entries leave. */
export function batchOf(number: number): Batch {
  const isRange = number % RANGE_EVERY === 0;
  return {
    puts: [
      entryOf(key('entry', number), number),
      entryOf(key('hot', number % 7), number + 1),
      { key: LAST, value: Buffer.from(String(number)) },
    ],
    deletes: isRange || number % 4 === 0 ? [] : [key('entry', Math.max(0, number - LIFE))],
    deleteRanges: isRange ? [[key('entry', 0), key('entry', number - LIFE)]] : [],
  };
}

/** The number that the store has come to. */
export function lastNumber(store: Store): number {
  return Number(Buffer.from(store.get(LAST) ?? '0').toString());
}

function stateAfter(number: number): Map<Key, Entry['value']> {
  const state = new Map<Key, Entry['value']>();
  // A range takes away all that was there before, and the hot entries are all written again within seven batches.
  const first = Math.max(1, Math.floor((number - LIFE) / RANGE_EVERY) * RANGE_EVERY - RANGE_EVERY);
  for (let current = first; current <= number; current += 1) {
    const { puts, deletes, deleteRanges = [] } = batchOf(current);
    for (const [from, to] of deleteRanges)
      for (const name of state.keys()) if (name >= from && name < to) state.delete(name);
    for (const name of deletes) state.delete(name);
    for (const { key: name, value } of puts) state.set(name, value);
  }
  return state;
}

/** What is wrong with the contents of the store. Damaged records are left out of ranges, so they are missing here. */
export function ledgerFindings(store: Store, progress: Progress): LedgerFinding[] {
  const recovered = lastNumber(store);
  const { acknowledged, seen, sent } = progress;
  const findings: LedgerFinding[] = [];
  if (recovered < Math.max(acknowledged, seen)) findings.push({ kind: 'lost', recovered, progress });
  if (recovered > Math.max(sent, seen)) findings.push({ kind: 'invented', recovered, progress });
  const expected = stateAfter(recovered);
  for (const { key: name, value } of store.range(...LEDGER_RANGE)) {
    const wanted = expected.get(name);
    expected.delete(name);
    if (wanted === undefined) findings.push({ kind: 'corrupt', recovered, what: `${name} is there` });
    else if (!Buffer.from(wanted).equals(value))
      findings.push({ kind: 'corrupt', recovered, what: `${name} has another value` });
  }
  for (const name of expected.keys())
    findings.push({ kind: 'corrupt', recovered, what: `${name} is missing` });
  return findings;
}
