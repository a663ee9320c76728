/**
 * Finds the records that name an id, for traces.
 *
 * Engines append *trace records* (what a turn brought about) under a sequence that this index hands out. A row of
 * its own for each id would cost the disk more than the work that is traced, so ids are indexed in blocks: 32 bits
 * of hash and the place of the record for each id, written once per 8,192 ids. A block is searched from end to end,
 * a hit is checked against the record. The block that is filling lives in memory; after a crash it is filled again
 * from the records that follow the last block on disk.
 *
 * Retention is by block: past its age, or when there are too many or too large ones, the oldest block goes together
 * with all records that it covers, each kind in one range.
 *
 * What cannot be read is passed over: a damaged record or block takes what it says from traces, and nothing else. Its
 * records go with the next block that is past the retention.
 */
import { setImmediate } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import type { Timer } from '../../base/clock.ts';
import { decodeHead, encodeRecord } from '../../storage/codec.ts';
import { key, keyParts, prefixRange } from '../../storage/keys.ts';
import { CorruptRecordError, type Entry, type Key, type Value } from '../../storage/store.ts';
import { KEYSPACE } from '../keyspace.ts';
import type { Loop, Turn } from '../loop.ts';
import type { DatedLink, FoundLink } from './trace-link.ts';

/** A kind of record that names causes and effects, kept under `key(keyspace, sequence)`. */
export interface TraceSource {
  readonly keyspace: string;
  links(value: Value): readonly DatedLink[];
}

export interface TraceRetention {
  readonly ageMs: number;
  readonly blocks: number;
  readonly sizeBytes: number;
}

/** A day, 33 million ids, 4 GiB of records: whichever comes first. The ids of 4,096 blocks are searched in a second. */
const TRACE_RETENTION: TraceRetention = {
  ageMs: 24 * 3_600_000,
  blocks: 4096,
  sizeBytes: 4 * 2 ** 30,
};

const BLOCK_IDS_MAX = 8192;
/** A block of large records is closed early, so that a restart has little to read again. */
const BLOCK_SIZE_BYTES_MAX = 16 * 2 ** 20;
/** A block of a quiet hour is closed too, so that what it covers can grow old. */
const BLOCK_AGE_MS_MAX = 3_600_000;
/** Where the last blocks are lost: the newest records, since one block does not hold more of a few ids each. */
const RECORDS_INDEXED_AGAIN = BLOCK_IDS_MAX / 4;
const SWEEP_INTERVAL_MS = 600_000;
/** Blocks dropped or searched at one go before others get their turn: about 1 ms of work. */
const BLOCKS_PER_TURN_MAX = 16;
/** Hash and place of one id. */
const ENTRY_SIZE_BYTES = 8;

/** What is kept of a block besides its ids. */
interface BlockHead {
  /** Sequences of its first and last record. */
  readonly from: number;
  readonly to: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly sizeBytes: number;
}

/** The block that is filling. */
interface OpenBlock {
  readonly from: number;
  readonly fromMs: number;
  to: number;
  toMs: number;
  sizeBytes: number;
  count: number;
  readonly bytes: Buffer;
}

function hashOf(id: string): number {
  return crc32(id);
}

export class TraceIndex {
  readonly #loop: Loop;
  readonly #sources: readonly TraceSource[];
  readonly #retention: TraceRetention;
  #blocks: BlockHead[] = [];
  /** Of the records that closed blocks cover. */
  #sizeBytes = 0;
  #open: OpenBlock | undefined;
  #nextSequence = 1;
  #sweep: Timer | undefined;

  constructor(loop: Loop, sources: readonly TraceSource[], retention: TraceRetention = TRACE_RETENTION) {
    this.#loop = loop;
    this.#sources = sources;
    this.#retention = retention;
  }

  /** Reads the blocks back, fills the open one again, and starts to watch retention. */
  start(): void {
    const { store, quarantine } = this.#loop;
    quarantine.each('trace', store.range(...prefixRange(key(KEYSPACE.traceBlock))), ({ value }) =>
      this.#blocks.push(decodeHead<BlockHead>(value)),
    );
    this.#sizeBytes = this.#blocks.reduce((sum, block) => sum + block.sizeBytes, 0);
    const lastSequence = this.#lastSequence();
    this.#nextSequence = this.#firstUnindexed(lastSequence);
    for (const { entry, source } of this.#unindexed()) {
      quarantine.guard('trace', entry.key, () => {
        const links = source.links(entry.value);
        const sizeBytes = entry.value.length;
        this.#admit(sequenceOf(entry.key), { atMs: links[0]?.atMs ?? 0, ids: idsOf(links), sizeBytes });
      });
    }
    // Records that could not be read keep their sequences: they are still there.
    this.#nextSequence = Math.max(this.#nextSequence, lastSequence + 1);
    this.#scheduleSweep();
  }

  /** A block has an id of each of its records, so more than that follow the last only where another is lost. */
  #firstUnindexed(lastSequence: number): number {
    const after = this.#blocks.at(-1)?.to ?? 0;
    const isLost = lastSequence - after > BLOCK_IDS_MAX;
    return isLost ? lastSequence - RECORDS_INDEXED_AGAIN + 1 : after + 1;
  }

  /** Of the records that can be read, 0 without any. */
  #lastSequence(): number {
    const last = this.#sources.map(({ keyspace }) => {
      const [entry] = this.#loop.store.range(...prefixRange(key(keyspace)), { limit: 1, reverse: true });
      return entry === undefined ? 0 : sequenceOf(entry.key);
    });
    return Math.max(0, ...last);
  }

  close(): void {
    this.#sweep?.cancel();
  }

  /** Takes the sequence under which the turn puts a record of `sizeBytes` that names `ids`. */
  claim(turn: Turn, ids: readonly string[], sizeBytes: number): number {
    if (this.#open !== undefined && this.#isFull(this.#open, ids.length, turn.now)) {
      this.#closeBlock(turn);
      // Under load blocks close faster than the timer comes by: for each that comes, up to two go.
      this.#dropOldest(turn, 2);
    }
    const sequence = this.#nextSequence;
    this.#admit(sequence, { atMs: turn.now, ids, sizeBytes });
    return sequence;
  }

  /** Indexes more ids under the record that was claimed last. */
  extend(ids: readonly string[], sizeBytes: number): void {
    if (this.#open === undefined) return;
    this.#open.sizeBytes += sizeBytes;
    addIds(this.#open, ids);
  }

  /** The links of every record that names one of `ids`, newest first; gives way to others between blocks. */
  async find(ids: ReadonlySet<string>): Promise<FoundLink[]> {
    const hashes = new Set([...ids].map(hashOf));
    const found: FoundLink[] = [];
    if (this.#open !== undefined)
      this.#search(this.#open.bytes.subarray(0, usedBytes(this.#open)), this.#open.from, {
        hashes,
        ids,
        found,
      });
    let searched = 0;
    for (const block of this.#blocks.toReversed()) {
      const bytes = this.#readable(indexKey(block.to));
      if (bytes !== undefined) this.#search(asBuffer(bytes), block.from, { hashes, ids, found });
      searched += 1;
      if (searched % BLOCKS_PER_TURN_MAX === 0) await setImmediate();
    }
    return found;
  }

  /** Drops the oldest blocks, with all records that they cover, as far as retention asks for it. */
  expire(turn: Turn): void {
    if (this.#open !== undefined && this.#open.fromMs + BLOCK_AGE_MS_MAX <= turn.now) this.#closeBlock(turn);
    this.#dropOldest(turn, BLOCKS_PER_TURN_MAX);
  }

  #dropOldest(turn: Turn, countMax: number): void {
    for (let count = 0; count < countMax; count += 1) {
      const oldest = this.#blocks[0];
      if (oldest === undefined || !this.#isPast(oldest, turn.now)) return;
      this.#blocks.shift();
      this.#sizeBytes -= oldest.sizeBytes;
      this.#remove(turn, oldest);
    }
  }

  #isPast(block: BlockHead, now: number): boolean {
    const { ageMs, blocks, sizeBytes } = this.#retention;
    return block.toMs + ageMs <= now || this.#blocks.length > blocks || this.#sizeBytes > sizeBytes;
  }

  #remove(turn: Turn, block: BlockHead): void {
    // From the first on: records and blocks that could not be read lie before it.
    const spaces = [
      ...this.#sources.map(({ keyspace }) => keyspace),
      KEYSPACE.traceIndex,
      KEYSPACE.traceBlock,
    ];
    for (const space of spaces) turn.deleteRange(key(space, 0), key(space, block.to + 1));
  }

  /** Undefined for a record that is gone, and for one that is damaged, which the store reports. */
  #readable(recordKey: Key): Value | undefined {
    try {
      return this.#loop.store.get(recordKey);
    } catch (error) {
      if (error instanceof CorruptRecordError) return undefined;
      throw error;
    }
  }

  #search(
    entries: Buffer,
    from: number,
    wanted: {
      readonly hashes: ReadonlySet<number>;
      readonly ids: ReadonlySet<string>;
      readonly found: FoundLink[];
    },
  ): void {
    const places = new Set<number>();
    for (let offset = 0; offset < entries.length; offset += ENTRY_SIZE_BYTES) {
      if (wanted.hashes.has(entries.readUInt32LE(offset))) places.add(entries.readUInt32LE(offset + 4));
    }
    for (const place of [...places].toSorted((a, b) => b - a)) {
      const sequence = from + place;
      for (const [index, link] of this.#linksAt(sequence).entries()) {
        if (namesOneOf(link, wanted.ids)) wanted.found.push({ ...link, sequence, index });
      }
    }
  }

  #linksAt(sequence: number): readonly DatedLink[] {
    for (const source of this.#sources) {
      const recordKey = key(source.keyspace, sequence);
      const value = this.#readable(recordKey);
      if (value === undefined) continue;
      let links: readonly DatedLink[] = [];
      this.#loop.quarantine.guard('trace', recordKey, () => {
        links = source.links(value);
      });
      return links;
    }
    return [];
  }

  #isFull(open: OpenBlock, count: number, now: number): boolean {
    return (
      open.count + count > BLOCK_IDS_MAX ||
      open.sizeBytes > BLOCK_SIZE_BYTES_MAX ||
      open.fromMs + BLOCK_AGE_MS_MAX <= now
    );
  }

  #admit(
    sequence: number,
    record: { readonly atMs: number; readonly ids: readonly string[]; readonly sizeBytes: number },
  ): void {
    const open = (this.#open ??= {
      from: sequence,
      fromMs: record.atMs,
      to: sequence,
      toMs: record.atMs,
      sizeBytes: 0,
      count: 0,
      bytes: Buffer.allocUnsafeSlow(BLOCK_IDS_MAX * ENTRY_SIZE_BYTES),
    });
    open.to = sequence;
    open.toMs = record.atMs;
    open.sizeBytes += record.sizeBytes;
    addIds(open, record.ids);
    this.#nextSequence = sequence + 1;
  }

  #closeBlock(turn: Turn): void {
    const open = this.#open;
    if (open === undefined) return;
    const { from, to, fromMs, toMs, sizeBytes } = open;
    const head: BlockHead = { from, to, fromMs, toMs, sizeBytes };
    turn.put(blockKey(to), encodeRecord(head));
    turn.put(indexKey(to), open.bytes.subarray(0, usedBytes(open)));
    this.#blocks.push(head);
    this.#sizeBytes += sizeBytes;
    this.#open = undefined;
  }

  /** Records that came after the last block on disk, in the order of their sequence. */
  #unindexed(): { entry: Entry; source: TraceSource }[] {
    const { store } = this.#loop;
    const records = this.#sources.flatMap((source) => {
      const [, end] = prefixRange(key(source.keyspace));
      return store.range(key(source.keyspace, this.#nextSequence), end).map((entry) => ({ entry, source }));
    });
    return records.toSorted((a, b) => sequenceOf(a.entry.key) - sequenceOf(b.entry.key));
  }

  #scheduleSweep(): void {
    this.#sweep = this.#loop.timers.at(this.#loop.clock.now() + SWEEP_INTERVAL_MS, () => {
      this.#loop.turn((turn) => this.expire(turn));
      this.#scheduleSweep();
    });
  }
}

/** Ids past the block's room go unindexed: a turn with more than 8,192 of them is traced in part. */
function addIds(open: OpenBlock, ids: readonly string[]): void {
  const place = open.to - open.from;
  for (const id of ids) {
    if (open.count === BLOCK_IDS_MAX) return;
    const offset = open.count * ENTRY_SIZE_BYTES;
    open.bytes.writeUInt32LE(hashOf(id), offset);
    open.bytes.writeUInt32LE(place, offset + 4);
    open.count += 1;
  }
}

function usedBytes(open: OpenBlock): number {
  return open.count * ENTRY_SIZE_BYTES;
}

/** Every id that the links name, each once. */
export function idsOf(
  links: readonly { cause: { id: string }; effects: readonly { id: string }[] }[],
): string[] {
  const ids = new Set<string>();
  for (const { cause, effects } of links) {
    ids.add(cause.id);
    for (const { id } of effects) ids.add(id);
  }
  return [...ids];
}

function namesOneOf(link: DatedLink, ids: ReadonlySet<string>): boolean {
  return ids.has(link.cause.id) || link.effects.some(({ id }) => ids.has(id));
}

function blockKey(to: number): Key {
  return key(KEYSPACE.traceBlock, to);
}

function indexKey(to: number): Key {
  return key(KEYSPACE.traceIndex, to);
}

function sequenceOf(recordKey: Key): number {
  return Number(keyParts(recordKey, ['text', 'number'])[1]);
}

function asBuffer(value: Value): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
