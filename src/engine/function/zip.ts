/**
 * Unpacks a deployment package. Nothing in it is believed: names are checked before anything is written, sizes are
 * counted while inflating, checksums are compared, links are refused.
 */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';

/** Unzipped, all files together: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const UNZIPPED_SIZE_BYTES_MAX = 262_144_000;

/** What the format can count without its 64-bit extension. */
const ENTRIES_MAX = 65_535;

/** A package that is damaged, hostile or too large. `reason` is for the log, not for the caller. */
export class ZipError extends Error {
  override readonly name = 'ZipError';
  readonly kind: 'damaged' | 'empty' | 'too-large';

  constructor(kind: ZipError['kind'], reason: string, cause?: unknown) {
    super(reason, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}

const FILE_TYPE_MASK = 0o170000;
const REGULAR_FILE = 0o100000;
const DIRECTORY = 0o040000;
const ENCRYPTED_FLAG = 1;

/** Unpacks into `directory`, which must be empty. Throws `ZipError`; what was written by then stays. */
export async function unpackZip(
  bytes: Buffer,
  directory: string,
  sizeBytesMax: number = UNZIPPED_SIZE_BYTES_MAX,
): Promise<void> {
  const zip = await open(bytes);
  try {
    const entries = await readEntries(zip);
    requireSound(entries);
    let leftBytes = sizeBytesMax;
    for (const entry of entries) leftBytes -= await extract(zip, entry, { directory, leftBytes });
  } catch (error) {
    if (error instanceof ZipError) throw error;
    throw new ZipError('damaged', error instanceof Error ? error.message : String(error), error);
  } finally {
    zip.close();
  }
}

async function open(bytes: Buffer): Promise<ZipFile> {
  // Loaded when there is first something to unpack: it would be a tenth of the start of every server.
  const { fromBuffer } = await import('yauzl');
  return new Promise((resolve, reject) => {
    // Strict names: yauzl refuses backslashes, absolute paths and `..` itself.
    const options = { lazyEntries: true, strictFileNames: true, validateEntrySizes: true, autoClose: false };
    fromBuffer(bytes, options, (error, zip) => {
      if (error === null) resolve(zip);
      else reject(new ZipError('damaged', error.message, error));
    });
  });
}

function readEntries(zip: ZipFile): Promise<Entry[]> {
  if (zip.entryCount > ENTRIES_MAX) throw new ZipError('too-large', `${zip.entryCount} entries`);
  return new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    zip.on('entry', (entry: Entry) => {
      entries.push(entry);
      if (entries.length > ENTRIES_MAX) reject(new ZipError('too-large', 'too many entries'));
      else zip.readEntry();
    });
    zip.once('end', () => resolve(entries));
    zip.once('error', reject);
    zip.readEntry();
  });
}

function requireSound(entries: readonly Entry[]): void {
  if (!entries.some(({ fileName }) => !fileName.endsWith('/'))) throw new ZipError('empty', 'no files');
  const names = new Set<string>();
  for (const entry of entries) {
    const { fileName, externalFileAttributes, generalPurposeBitFlag } = entry;
    const type = (externalFileAttributes >>> 16) & FILE_TYPE_MASK;
    // Made without Unix modes, an entry has no type at all.
    if (type !== 0 && type !== REGULAR_FILE && type !== DIRECTORY) {
      throw new ZipError('damaged', `${fileName} is neither file nor directory`);
    }
    if ((generalPurposeBitFlag & ENCRYPTED_FLAG) !== 0)
      throw new ZipError('damaged', `${fileName} is encrypted`);
    if (fileName.includes('\0')) throw new ZipError('damaged', 'a name with a zero byte');
    const name = fileName.replace(/\/$/, '').normalize('NFC');
    // Two files of one name: which of them runs would depend on who unpacks.
    if (names.has(name)) throw new ZipError('damaged', `${fileName} occurs twice`);
    names.add(name);
  }
}

/** Writes one entry and answers how many bytes it really had. */
async function extract(
  zip: ZipFile,
  entry: Entry,
  { directory, leftBytes }: { directory: string; leftBytes: number },
): Promise<number> {
  const path = join(directory, entry.fileName);
  if (entry.fileName.endsWith('/')) {
    await mkdir(path, { recursive: true });
    return 0;
  }
  await mkdir(dirname(path), { recursive: true });
  let sizeBytes = 0;
  let checksum = 0;
  const count = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      sizeBytes += chunk.length;
      if (sizeBytes > leftBytes) throw new ZipError('too-large', 'unzipped it is too large');
      checksum = crc32(chunk, checksum);
      yield chunk;
    }
  };
  await pipeline(
    await openEntry(zip, entry),
    count,
    createWriteStream(path, { flags: 'wx', mode: modeOf(entry) }),
  );
  if (checksum !== entry.crc32) throw new ZipError('damaged', `${entry.fileName} does not fit its checksum`);
  return sizeBytes;
}

function openEntry(zip: ZipFile, entry: Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => (error === null ? resolve(stream) : reject(error)));
  });
}

/** Readable by all, as the function may run as another user; executable bits are kept. */
function modeOf(entry: Entry): number {
  const mode = (entry.externalFileAttributes >>> 16) & 0o777;
  return mode | 0o444;
}
