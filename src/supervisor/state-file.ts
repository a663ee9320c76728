/**
 * `supervisor.json` in the data directory: where the supervisor that runs there is controlled, and by which token. Only
 * its owner can read it. It is left behind by `kill -9`, so whoever reads it has to see whether somebody answers.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SupervisorFile {
  readonly pid: number;
  /** Such as `http://127.0.0.1:40123`. */
  readonly control: string;
  readonly token: string;
  readonly home: string;
  readonly regions: Readonly<Record<string, { readonly endpoint: string }>>;
}

const NAME = 'supervisor.json';

export function writeSupervisorFile(dataDir: string, file: SupervisorFile): void {
  const path = join(dataDir, NAME);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(file, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

/** Undefined where no supervisor has run, or it has ended in order. */
export function readSupervisorFile(dataDir: string): SupervisorFile | undefined {
  try {
    return JSON.parse(readFileSync(join(dataDir, NAME), 'utf8')) as SupervisorFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export function removeSupervisorFile(dataDir: string): void {
  rmSync(join(dataDir, NAME), { force: true });
}
