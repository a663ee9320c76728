/**
 * Builds `dist` from `src`: JavaScript, declarations and source maps by tsc, and a copy of everything else (the
 * runtimes of functions in Python and JavaScript, the files of the console). With `--if-stale` it does so only when
 * a source has changed since the last build.
 *
 * The new tree is made aside and swapped in, so that a failed build leaves the old one, and a server that loads its
 * modules when they are first needed never meets half of one.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { errorMessage } from '../src/base/errors.ts';

const ROOT = dirname(import.meta.dirname);
const SOURCE = join(ROOT, 'src');
const OUTPUT = join(ROOT, 'dist');
const STAMP = '.built-from';
const SWAP_ATTEMPTS_MAX = 5;
/** What a build depends on besides `src`. */
const CONFIGURATION = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json', 'scripts/build.ts'];

function sourceFiles(): string[] {
  return readdirSync(SOURCE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(test|fuzz|bench)\.ts$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

/** A digest of names, sizes and times: reading 500 files would cost a start more than stating them (5 ms). */
function fingerprint(files: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of [...files, ...CONFIGURATION.map((name) => join(ROOT, name))]) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${relative(ROOT, file)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function builtFrom(): string | undefined {
  try {
    return readFileSync(join(OUTPUT, STAMP), 'utf8');
  } catch {
    // No stamp: never built.
    return undefined;
  }
}

function compile(directory: string): void {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', directory];
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('tsc found errors');
}

/** Two builds may end at once: then one takes the other's tree away again, and either is as good. */
function swapIn(fresh: string, scratch: string): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      renameSync(OUTPUT, join(scratch, `previous-${attempt}`));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    try {
      renameSync(fresh, OUTPUT);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if ((code !== 'ENOTEMPTY' && code !== 'EEXIST') || attempt === SWAP_ATTEMPTS_MAX) throw error;
    }
  }
}

function build(files: readonly string[], stamp: string): void {
  // Under node_modules: the same file system as dist, and ignored by everything that walks the tree.
  const scratch = join(ROOT, 'node_modules', '.cache', `millrace-build-${process.pid}`);
  const fresh = join(scratch, 'dist');
  mkdirSync(fresh, { recursive: true });
  try {
    compile(fresh);
    for (const file of files) {
      if (extname(file) !== '.ts') cpSync(file, join(fresh, relative(SOURCE, file)));
    }
    writeFileSync(join(fresh, STAMP), stamp);
    swapIn(fresh, scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const files = sourceFiles();
  const stamp = fingerprint(files);
  if (!process.argv.includes('--if-stale') || builtFrom() !== stamp) {
    const startedAtMs = performance.now();
    console.error('millrace: building dist ...');
    try {
      build(files, stamp);
      console.error(`millrace: built in ${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`);
    } catch (error) {
      console.error(`millrace: ${errorMessage(error)}`);
      process.exitCode = 1;
    }
  }
}
