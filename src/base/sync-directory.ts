import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Directories of others, file systems that do not sync directories, systems that do not open them. */
const CANNOT = new Set(['EACCES', 'EPERM', 'EINVAL', 'EISDIR']);

/**
 * After this a power failure no longer takes back what was made, renamed or removed in the directory. Does nothing
 * where that cannot be done, and throws where it failed.
 */
export function syncDirectory(path: string): void {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    fsyncSync(descriptor);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && CANNOT.has(String(error.code)))) throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
