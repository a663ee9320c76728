/**
 * The bytes of one group commit, as the journal keeps them and as they travel to the writer. They are encoded once,
 * on the main thread, into a buffer of exactly their size, which changes threads without a copy.
 *
 *   u32 CRC32 of all that follows | mutation*
 *   put:           1 | u32 key length | u32 value length | key | 5 bytes | value
 *   delete:        2 | u32 key length | key
 *   delete range:  3 | u32 from length | u32 to length | from | to
 *
 * The 5 bytes before a value are room for the head that a record has in the table (`sealed-record.ts`), so that the
 * writer can bind head and value as one piece of this buffer.
 */
import { crc32 } from 'node:zlib';
import { invariant } from '../base/assert.ts';
import { allocateBytes } from '../base/large-bytes.ts';
import { RECORD_HEAD_BYTES } from './sealed-record.ts';
import type { Batch, Entry, Key, Value } from './store.ts';

const PUT = 1;
const DELETE = 2;
const DELETE_RANGE = 3;
const CRC_BYTES = 4;

export function encodeBatch(batch: Batch): Buffer {
  const { puts, deletes, deleteRanges = [] } = batch;
  let size = CRC_BYTES;
  for (const { key, value } of puts) size += 9 + key.length + RECORD_HEAD_BYTES + value.length;
  for (const key of deletes) size += 5 + key.length;
  for (const [from, to] of deleteRanges) size += 9 + from.length + to.length;
  // Not from the shared pool: the buffer is handed over to another thread as a whole.
  const bytes = allocateBytes(size);
  let offset = CRC_BYTES;
  for (const [from, to] of deleteRanges) {
    bytes[offset] = DELETE_RANGE;
    bytes.writeUInt32BE(from.length, offset + 1);
    bytes.writeUInt32BE(to.length, offset + 5);
    offset += 9;
    offset += bytes.write(from, offset, 'latin1');
    offset += bytes.write(to, offset, 'latin1');
  }
  for (const key of deletes) {
    bytes[offset] = DELETE;
    bytes.writeUInt32BE(key.length, offset + 1);
    offset += 5;
    offset += bytes.write(key, offset, 'latin1');
  }
  for (const { key, value } of puts) {
    bytes[offset] = PUT;
    bytes.writeUInt32BE(key.length, offset + 1);
    bytes.writeUInt32BE(value.length, offset + 5);
    offset += 9;
    offset += bytes.write(key, offset, 'latin1');
    bytes.fill(0, offset, offset + RECORD_HEAD_BYTES);
    offset += RECORD_HEAD_BYTES;
    bytes.set(value, offset);
    offset += value.length;
  }
  bytes.writeUInt32BE(crc32(bytes.subarray(CRC_BYTES)), 0);
  return bytes;
}

/** False when the bytes are not those that `encodeBatch` made. */
export function isIntactBatch(bytes: Uint8Array): boolean {
  if (bytes.length < CRC_BYTES) return false;
  return asBuffer(bytes).readUInt32BE(0) === crc32(bytes.subarray(CRC_BYTES));
}

/** What `readBatch` calls for each mutation, ranges before deletes before puts. */
export interface BatchReader {
  deleteRange(from: Key, to: Key): void;
  delete(key: Key): void;
  /** `room` is the value with the bytes for the record's head before it. */
  put(key: Key, room: Buffer): void;
}

/** Reads an intact batch. The pieces handed out are views of `bytes`. */
export function readBatch(source: Uint8Array, reader: BatchReader): void {
  const bytes = asBuffer(source);
  let offset = CRC_BYTES;
  while (offset < bytes.length) {
    const kind = bytes[offset];
    const firstLength = bytes.readUInt32BE(offset + 1);
    if (kind === DELETE) {
      reader.delete(bytes.toString('latin1', offset + 5, offset + 5 + firstLength));
      offset += 5 + firstLength;
      continue;
    }
    invariant(kind === PUT || kind === DELETE_RANGE, `unknown mutation ${kind} in a batch`);
    const firstEnd = offset + 9 + firstLength;
    const first = bytes.toString('latin1', offset + 9, firstEnd);
    const secondEnd = firstEnd + bytes.readUInt32BE(offset + 5) + (kind === PUT ? RECORD_HEAD_BYTES : 0);
    if (kind === PUT) reader.put(first, bytes.subarray(firstEnd, secondEnd));
    else reader.deleteRange(first, bytes.toString('latin1', firstEnd, secondEnd));
    offset = secondEnd;
  }
}

/** The batch as it was committed. Throws nothing for an intact one. */
export function decodeBatch(bytes: Uint8Array): Batch {
  const puts: Entry[] = [];
  const deletes: Key[] = [];
  const deleteRanges: [Key, Key][] = [];
  readBatch(bytes, {
    deleteRange: (from, to) => deleteRanges.push([from, to]),
    delete: (key) => deletes.push(key),
    put: (key, room) => puts.push({ key, value: room.subarray(RECORD_HEAD_BYTES) }),
  });
  return { puts, deletes, deleteRanges };
}

function asBuffer(bytes: Value): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
