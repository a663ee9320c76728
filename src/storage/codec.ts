/**
 * The bytes of a record: a head of our own fields as JSON, and texts that came from users and stay exactly as
 * they came (message bodies, event details, payloads). Texts are not escaped into the head, so storing one costs
 * a copy and reading the head does not parse it.
 *
 *   u8 version (1) | u32 head length | head JSON | (u32 text length | text)*
 */
import { invariant } from '../base/assert.ts';
import { allocatePooled } from '../base/large-bytes.ts';
import type { Value } from './store.ts';

const VERSION = 1;
const HEAD_OFFSET = 5;

/** Encodes a record: `head` must be plain data, `texts` are kept as they are. */
export function encodeRecord(head: object, ...texts: readonly string[]): Value {
  const headText = JSON.stringify(head);
  let size = HEAD_OFFSET + Buffer.byteLength(headText);
  for (const text of texts) size += 4 + Buffer.byteLength(text);
  // From Node's pool: memory of its own for each record cost a tenth of the CPU time of a SendMessage.
  const bytes = allocatePooled(size);
  bytes.writeUInt8(VERSION, 0);
  let offset = HEAD_OFFSET + bytes.write(headText, HEAD_OFFSET);
  bytes.writeUInt32BE(offset - HEAD_OFFSET, 1);
  for (const text of texts) {
    const length = bytes.write(text, offset + 4);
    bytes.writeUInt32BE(length, offset);
    offset += 4 + length;
  }
  return bytes;
}

export interface DecodedRecord<Head> {
  readonly head: Head;
  readonly texts: readonly string[];
}

/** The head and the texts of a record made by `encodeRecord`; the caller knows which type of head it wrote. */
export function decodeRecord<Head>(value: Value): DecodedRecord<Head> {
  const { bytes, head, headEnd } = openRecord<Head>(value);
  const texts: string[] = [];
  for (let offset = headEnd; offset < bytes.length;) {
    const end = offset + 4 + bytes.readUInt32BE(offset);
    texts.push(bytes.toString('utf8', offset + 4, end));
    offset = end;
  }
  return { head, texts };
}

/** The head alone, at no cost for the texts behind it. */
export function decodeHead<Head>(value: Value): Head {
  return openRecord<Head>(value).head;
}

function openRecord<Head>(value: Value): { bytes: Buffer; head: Head; headEnd: number } {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  invariant(bytes[0] === VERSION, `unknown record version ${bytes[0]}`);
  const headEnd = HEAD_OFFSET + bytes.readUInt32BE(1);
  return { bytes, head: JSON.parse(bytes.toString('utf8', HEAD_OFFSET, headEnd)) as Head, headEnd };
}
