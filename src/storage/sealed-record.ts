/**
 * A record as it lies in a table: `u8 version (1) | u32 CRC32 of key and value | value`. SQLite checks no contents
 * (275 of 300 flipped bits got through it unnoticed), so every read checks this. The key is part of the sum: a
 * record that turns up under another key is damage, too.
 */
import { crc32 } from 'node:zlib';
import type { Key, Value } from './store.ts';

const VERSION = 1;

export const RECORD_HEAD_BYTES = 5;

/** Writes the head into the first bytes of `room`, which ends with the value. */
export function sealRecord(key: Key, room: Buffer): void {
  room[0] = VERSION;
  room.writeUInt32BE(checksum(key, room.subarray(RECORD_HEAD_BYTES)), 1);
}

/** The value, as a view of `sealed`; `undefined` when the checksum does not fit. */
export function openRecord(key: Key, sealed: Uint8Array): Value | undefined {
  if (sealed.length < RECORD_HEAD_BYTES || sealed[0] !== VERSION) return undefined;
  const value = sealed.subarray(RECORD_HEAD_BYTES);
  return checksum(key, value) === readUint32(sealed, 1) ? value : undefined;
}

/** Big end first; `DataView` and `Buffer` would need an object more for each record that is read. */
function readUint32(bytes: Uint8Array, offset: number): number {
  const high = ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
  const low = ((bytes[offset + 2] ?? 0) << 8) | (bytes[offset + 3] ?? 0);
  return high * 2 ** 16 + low;
}

function checksum(key: Key, value: Value): number {
  return crc32(value, crc32(key));
}
