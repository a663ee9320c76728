/**
 * Deletes items whose time to live is over. Every minute each table that has one is walked once, in slices between
 * which requests get in; the items of a slice that are over go in one commit. Until then they are still read, as in
 * DynamoDB, which takes up to a few days.
 */
import { attributeOf, type Item } from '../../lang/expression/attribute-value.ts';
import type { Key } from '../../storage/store.ts';
import type { Loop, Turn } from '../loop.ts';
import { intersect, keyAfter, segmentRange } from './item-key.ts';
import type { Table } from './table.ts';

const SWEEP_INTERVAL_MS = 60_000;
const SLICE_INTERVAL_MS = 20;
const SLICE_ITEMS_MAX = 200;
const SLICE_SIZE_BYTES_MAX = 256 * 1024;

/** Times further back are taken for a mistake, and the item stays (developer guide, "Time to Live"). */
const AGE_SECONDS_MAX = 5 * 365 * 24 * 60 * 60;

/** True when the attribute is a number of seconds since the epoch that has passed. */
export function isExpired(item: Item, attributeName: string, nowMs: number): boolean {
  const text = attributeOf(item, attributeName)?.N;
  if (text === undefined) return false;
  const ageSeconds = nowMs / 1000 - Number(text);
  return ageSeconds >= 0 && ageSeconds <= AGE_SECONDS_MAX;
}

export class TimeToLiveSweep {
  readonly #loop: Loop;
  readonly #tables: () => Iterable<Table>;

  constructor(loop: Loop, tables: () => Iterable<Table>) {
    this.#loop = loop;
    this.#tables = tables;
  }

  start(): void {
    this.#after(SWEEP_INTERVAL_MS, () => this.#sweep());
  }

  #after(delayMs: number, callback: () => void): void {
    this.#loop.timers.at(this.#loop.clock.now() + delayMs, callback);
  }

  /** Walks all tables, one after the other, and comes back a minute after the last. */
  #sweep(): void {
    const tables = [...this.#tables()].filter(({ record }) => record.timeToLive?.isEnabled === true);
    const next = (table: Table | undefined, from: Key): void => {
      if (table === undefined) {
        this.start();
        return;
      }
      this.#loop.turn((turn) => {
        const cursor = deleteExpired(turn, table, from);
        // At the pace of the disk.
        turn.afterCommit(() =>
          this.#after(SLICE_INTERVAL_MS, () =>
            cursor === undefined ? next(tables.shift(), '') : next(table, cursor),
          ),
        );
      });
    };
    next(tables.shift(), '');
  }
}

/** Deletes the expired items of one slice; the key to go on from, or `undefined` at the end of the table. */
function deleteExpired(turn: Turn, table: Table, from: Key): Key | undefined {
  const { timeToLive } = table.record;
  const range = intersect(segmentRange(table.prefix, 0, 1), { from, to: '\u00ff\u00ff\u00ff' });
  // The table may have been deleted, or its time to live turned off, since the slice before.
  if (range === undefined || timeToLive?.isEnabled !== true || table.isDeleted) return undefined;
  const expired: Key[] = [];
  let itemCount = 0;
  let sizeBytes = 0;
  let cursor: Key | undefined;
  table.visit(range, false, ({ item, sizeBytes: itemSizeBytes }, itemKey) => {
    if (isExpired(item, timeToLive.attributeName, turn.now)) expired.push(itemKey);
    itemCount += 1;
    sizeBytes += itemSizeBytes;
    const isFull = itemCount >= SLICE_ITEMS_MAX || sizeBytes >= SLICE_SIZE_BYTES_MAX;
    if (isFull) cursor = keyAfter(itemKey);
    return !isFull;
  });
  for (const itemKey of expired) table.delete(turn, itemKey);
  return cursor;
}
