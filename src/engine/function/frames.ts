/**
 * Frames between the pool and its processes: u32 length of the rest | u32 length of the head | head (JSON) | body.
 * The body is a payload as text, which is never escaped into the head. `runtimes/` holds the other end.
 */
import { isJsonObject } from '../../base/json.ts';

const HEADER_SIZE_BYTES = 8;

/** A head is our own and short; anything longer comes from user code that writes to our descriptor. */
const HEAD_SIZE_BYTES_MAX = 64 * 1024;

export interface Frame {
  readonly head: Readonly<Record<string, unknown>>;
  readonly body: string;
}

export function encodeFrame(head: object, body: string): Buffer {
  const headText = JSON.stringify(head);
  const headSize = Buffer.byteLength(headText);
  const bodySize = Buffer.byteLength(body);
  const frame = Buffer.allocUnsafe(HEADER_SIZE_BYTES + headSize + bodySize);
  frame.writeUInt32BE(4 + headSize + bodySize, 0);
  frame.writeUInt32BE(headSize, 4);
  frame.write(headText, HEADER_SIZE_BYTES);
  frame.write(body, HEADER_SIZE_BYTES + headSize);
  return frame;
}

/** The bytes are no frame, or one past the bound: whoever sent them cannot be talked to any more. */
class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** Cuts frames out of a stream of chunks, which are put together only once a frame is whole. */
export class FrameReader {
  readonly #sizeBytesMax: number;
  #chunks: Buffer[] = [];
  #size = 0;
  /** Bytes that the next step needs: a header, or the whole frame once the header is known. */
  #wanted = HEADER_SIZE_BYTES;

  constructor(sizeBytesMax: number) {
    this.#sizeBytesMax = sizeBytesMax;
  }

  /** The frames that `chunk` completes. Throws `FrameError`. */
  read(chunk: Buffer): Frame[] {
    const frames: Frame[] = [];
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    while (this.#size >= this.#wanted) {
      const bytes = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
      const end = 4 + bytes.readUInt32BE(0);
      if (end < HEADER_SIZE_BYTES || end > this.#sizeBytesMax)
        throw new FrameError(`a frame of ${end} bytes`);
      const isWhole = this.#size >= end;
      if (isWhole) frames.push(decodeFrame(bytes, end));
      this.#chunks = [isWhole ? bytes.subarray(end) : bytes];
      this.#size -= isWhole ? end : 0;
      this.#wanted = isWhole ? HEADER_SIZE_BYTES : end;
    }
    return frames;
  }
}

function decodeFrame(bytes: Buffer, end: number): Frame {
  const headEnd = HEADER_SIZE_BYTES + bytes.readUInt32BE(4);
  if (headEnd > end || headEnd > HEAD_SIZE_BYTES_MAX) throw new FrameError(`a head of ${headEnd} bytes`);
  let head: unknown;
  try {
    head = JSON.parse(bytes.toString('utf8', HEADER_SIZE_BYTES, headEnd));
  } catch (error) {
    throw new FrameError('a head that is no JSON', { cause: error });
  }
  if (!isJsonObject(head)) throw new FrameError('a head that is no object');
  return { head, body: bytes.toString('utf8', headEnd, end) };
}
