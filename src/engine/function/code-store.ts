/**
 * The code of functions on disk, named by its SHA-256: the package as it was uploaded, which is what has to last,
 * and the tree that it unpacks to, which can be made again.
 *
 *     D/<sha256>.zip               written, synced and renamed into place before anybody is told of it
 *     D/unpacked-<boot>/<sha256>/  renamed into place once it is whole, and only good until the machine restarts:
 *                                  nothing in it is synced, so a power failure may have emptied its files
 */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { syncDirectory } from '../../base/sync-directory.ts';
import { unpackZip } from './zip.ts';

export interface CodeReference {
  /** Hexadecimal. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

export class CodeStore {
  readonly #given: string | undefined;
  #made: string | undefined;
  readonly #boot = bootId();
  readonly #unpacking = new Map<string, Promise<string>>();

  /** Without a directory everything lives in a temporary one, made when it is first needed and removed by `close`. */
  constructor(directory: string | undefined) {
    this.#given = directory;
  }

  /** Where processes get directories of their own. */
  get temporaryRoot(): string {
    return join(this.#root, 'tmp');
  }

  /** Checks, unpacks and keeps a package. Throws `ZipError`. What it answers is on disk. */
  async save(bytes: Buffer): Promise<CodeReference> {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await this.#unpack(sha256, bytes);
    const path = this.#zipPath(sha256);
    if (!existsSync(path)) await this.#write(path, bytes);
    // Also where it was there: a process may have been killed right after it had put it there. And the directory
    // itself may be as new as the first package in it.
    syncDirectory(this.#root);
    syncDirectory(dirname(this.#root));
    return { sha256, sizeBytes: bytes.length };
  }

  /** The directory of the unpacked code, if that is there already. */
  directory(sha256: string): string | undefined {
    const path = join(this.#unpacked, sha256);
    return existsSync(path) ? path : undefined;
  }

  /** The directory of the unpacked code, made again where it is missing. */
  async unpacked(sha256: string): Promise<string> {
    return this.directory(sha256) ?? this.#unpack(sha256, readFileSync(this.#zipPath(sha256)));
  }

  /** The package as it was uploaded. */
  read(sha256: string): Buffer | undefined {
    const path = this.#zipPath(sha256);
    return existsSync(path) ? readFileSync(path) : undefined;
  }

  /** Removes what no record names, and whatever a crash left behind. Only before the first process starts. */
  sweep(named: ReadonlySet<string>): void {
    if (this.#given === undefined || !existsSync(this.#given)) return;
    for (const directory of [this.#root, this.#unpacked]) {
      for (const name of readdirSync(directory)) {
        const path = join(directory, name);
        if (path !== this.#unpacked && !named.has(name.replace(/\.zip$/, ''))) removeTree(path);
      }
    }
  }

  /** The last record that named it is gone. */
  remove(sha256: string): void {
    removeTree(this.#zipPath(sha256));
    removeTree(join(this.#unpacked, sha256));
  }

  close(): void {
    const made = this.#made;
    this.#made = undefined;
    if (made === undefined) return;
    removeTree(this.#given === undefined ? made : join(made, 'tmp'));
  }

  get #root(): string {
    this.#made ??= this.#given ?? mkdtempSync(join(tmpdir(), 'millrace-code-'));
    return this.#made;
  }

  get #unpacked(): string {
    const path = join(this.#root, `unpacked-${this.#boot}`);
    mkdirSync(path, { recursive: true });
    return path;
  }

  #zipPath(sha256: string): string {
    return join(this.#root, `${sha256}.zip`);
  }

  #unpack(sha256: string, bytes: Buffer): Promise<string> {
    const existing = this.directory(sha256);
    if (existing !== undefined) return Promise.resolve(existing);
    const running = this.#unpacking.get(sha256);
    if (running !== undefined) return running;
    const unpacking = this.#unpackInto(join(this.#unpacked, sha256), bytes).finally(() =>
      this.#unpacking.delete(sha256),
    );
    this.#unpacking.set(sha256, unpacking);
    return unpacking;
  }

  async #unpackInto(path: string, bytes: Buffer): Promise<string> {
    const draft = join(this.#root, `draft-${randomBytes(8).toString('hex')}`);
    await mkdir(draft);
    try {
      await unpackZip(bytes, draft);
      renameSync(draft, path);
      return path;
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      throw error;
    }
  }

  async #write(path: string, bytes: Buffer): Promise<void> {
    const draft = `${path}.${randomBytes(8).toString('hex')}`;
    const file = await open(draft, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  }
}

function removeTree(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

/** Names the present run of the machine; elsewhere than on Linux, the present run of the process. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return randomBytes(8).toString('hex');
  }
}
