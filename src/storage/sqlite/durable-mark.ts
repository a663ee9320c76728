/**
 * How far commits have been told to be durable, in a small file beside the database. A WAL that was deleted or cut
 * short, and a database put back from an older copy, look whole to SQLite; a journal that ends before this mark does
 * not.
 *
 * The mark is written after the fsync of a commit and has none of its own: it never says more than what is on disk,
 * `kill -9` takes nothing of it away, and a power failure may set it back by as long as the kernel keeps pages (30 s).
 */
import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Position } from '../store.ts';

const POSITION_BYTES = 8;
const CRC_BYTES = 4;

/** The position that the file holds; 0 where there is none, or one that a power failure has left half written. */
export function readDurableMark(path: string): Position {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw error;
  }
  if (bytes.length !== POSITION_BYTES + CRC_BYTES) return 0;
  const isIntact = bytes.readUInt32BE(POSITION_BYTES) === crc32(bytes.subarray(0, POSITION_BYTES));
  return isIntact ? Number(bytes.readBigUInt64BE(0)) : 0;
}

export class DurableMark {
  readonly #descriptor: number;
  readonly #bytes = Buffer.alloc(POSITION_BYTES + CRC_BYTES);

  constructor(path: string) {
    this.#descriptor = openSync(path, constants.O_WRONLY | constants.O_CREAT, 0o600);
  }

  write(position: Position): void {
    this.#bytes.writeBigUInt64BE(BigInt(position));
    this.#bytes.writeUInt32BE(crc32(this.#bytes.subarray(0, POSITION_BYTES)), POSITION_BYTES);
    writeSync(this.#descriptor, this.#bytes, 0, this.#bytes.length, 0);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
