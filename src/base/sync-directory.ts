import { closeSync, fsyncSync, openSync } from 'node:fs';

/** After this a power failure no longer takes back what was made, renamed or removed in the directory. */
export function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
