/** A server in a process of its own, for scripts that measure it from outside. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = join(dirname(import.meta.dirname), 'dist', 'main.js');

export interface Measured extends AsyncDisposable {
  readonly endpoint: string;
  /** By region; there are none where there is one process. */
  readonly regions: Readonly<Record<string, { readonly endpoint: string }>>;
}

/** Starts the built code with `args`, on free ports and a directory that goes with it. */
export async function startMeasured(args: readonly string[]): Promise<Measured> {
  const dataDir = mkdtempSync(join(tmpdir(), 'millrace-measured-'));
  const all = [
    MAIN,
    'start',
    '--json',
    '--port',
    '0',
    '--data-dir',
    dataDir,
    '--log-level',
    'error',
    ...args,
  ];
  const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    const { endpoint, regions } = JSON.parse(line) as Measured;
    return {
      endpoint,
      regions,
      [Symbol.asyncDispose]: async () => {
        child.kill('SIGTERM');
        await ended;
        rmSync(dataDir, { recursive: true, force: true });
      },
    };
  }
  throw new Error('the server did not start');
}
