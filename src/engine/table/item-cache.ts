/**
 * The items read or written last, decoded, shared by all tables of a region. An item that is not here is read from
 * the store; nothing relies on finding one.
 */
import type { Item } from '../../lang/expression/attribute-value.ts';
import type { Key, Position } from '../../storage/store.ts';

/** Items as DynamoDB counts them; decoded they take several times that. */
const SIZE_BYTES_MAX = 32 * 1024 * 1024;

/** What an entry costs besides its item: the key, the map's slot and the objects around. */
const OVERHEAD_BYTES = 512;

export interface StoredItem {
  readonly item: Item;
  readonly sizeBytes: number;
  /** The commit that holds it: whoever is told of the item waits for that. */
  readonly position: Position;
}

export class ItemCache {
  // A map keeps the order of insertion: the first entry is the one used longest ago.
  readonly #entries = new Map<Key, StoredItem>();
  /**
   * Stands before the entry used longest ago, and stays there: what is used moves behind it, what it passes is
   * forgotten. A new iterator would step over the holes of all that was forgotten before, each time again.
   */
  #oldest = this.#entries.keys();
  readonly #sizeBytesMax: number;
  #sizeBytes = 0;

  constructor(sizeBytesMax: number = SIZE_BYTES_MAX) {
    this.#sizeBytesMax = sizeBytesMax;
  }

  /** The item, which counts as used now. */
  get(key: Key): StoredItem | undefined {
    const stored = this.#entries.get(key);
    if (stored !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, stored);
    }
    return stored;
  }

  set(key: Key, stored: StoredItem): void {
    this.delete(key);
    this.#entries.set(key, stored);
    this.#sizeBytes += stored.sizeBytes + OVERHEAD_BYTES;
    while (this.#sizeBytes > this.#sizeBytesMax) {
      const { value: oldest, done } = this.#oldest.next();
      // At its end an iterator stays there for good.
      if (done === true) this.#oldest = this.#entries.keys();
      else this.delete(oldest);
    }
  }

  delete(key: Key): void {
    const stored = this.#entries.get(key);
    if (stored === undefined) return;
    this.#entries.delete(key);
    this.#sizeBytes -= stored.sizeBytes + OVERHEAD_BYTES;
  }
}
