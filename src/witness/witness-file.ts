/**
 * The witness over a file: what it has granted is on disk before it is told. Whoever has the socket (the supervisor, or
 * `millrace witness`) opens one and answers calls with it (`witness-calls.ts`).
 *
 * The file is small and rarely written (when a group changes hands or mode, never for a renewal), so it is written as a
 * whole beside itself and renamed, each step followed by its fsync. A file that cannot be read is not guessed over: a
 * witness that forgets could let two regions act for one group.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { type GroupRecord, Witness } from '../engine/region/witness.ts';

/** The file is somebody else's, or damaged; the witness does not start. */
export class WitnessFileError extends Error {
  override readonly name = 'WitnessFileError';
}

interface WitnessFile {
  readonly groups: readonly GroupRecord[];
  /** Of the JSON text of `groups`. */
  readonly crc32: number;
}

/** Opens the witness of `path`, which is made when it is first needed. */
export function openWitness(path: string, monotonicMs: () => number): Witness {
  return new Witness({ records: readGroups(path), save: (groups) => writeGroups(path, groups), monotonicMs });
}

function readGroups(path: string): readonly GroupRecord[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new WitnessFileError(`${path} cannot be read`, { cause: error });
  }
  const file = parseFile(text);
  if (file === undefined) {
    throw new WitnessFileError(
      `${path} is damaged; remove it once you have made sure that one region at most acts for each group`,
    );
  }
  return file.groups;
}

function parseFile(text: string): WitnessFile | undefined {
  try {
    const file = JSON.parse(text) as Partial<WitnessFile>;
    const isWhole = Array.isArray(file.groups) && crc32(JSON.stringify(file.groups)) === file.crc32;
    return isWhole ? (file as WitnessFile) : undefined;
  } catch {
    return undefined;
  }
}

function writeGroups(path: string, groups: readonly GroupRecord[]): void {
  const file: WitnessFile = { groups, crc32: crc32(JSON.stringify(groups)) };
  const directory = dirname(path);
  mkdirSync(directory, { recursive: true });
  const written = `${path}.new`;
  withFile(written, 'w', (descriptor) => {
    writeSync(descriptor, `${JSON.stringify(file)}\n`);
    fsyncSync(descriptor);
  });
  renameSync(written, path);
  // The name is on disk with its directory.
  withFile(directory, 'r', fsyncSync);
}

function withFile(path: string, flags: string, use: (descriptor: number) => void): void {
  const descriptor = openSync(path, flags, 0o600);
  try {
    use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
