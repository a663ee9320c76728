/**
 * Behind `npm test`: runs node:test over everything, or over the files and folders given, and sums up.
 *
 * Unit tests share processes, one for each core (a process for each file costs 0.12 s of CPU); tests that start
 * servers, commands or crashes get a process each. What fails is told in full as it happens; the closing lines are
 * those of Node's own reporter, over all of it. The exit code is 1 when anything failed, was cancelled or died.
 */
import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { errorMessage } from '../src/base/errors.ts';
import type { TestCounts } from './test-reporter.ts';

const ROOT = dirname(import.meta.dirname);
const PATTERNS = ['src/**/*.test.ts', 'test/**/*.test.ts', 'console/src/**/*.test.ts'];
const ISOLATED = /^test\/(sdk|cli|crash|sim|package\.test|bootstrap\.test)\b/;
/** More would only make them wait for each other: servers and clients both want a core. */
const PROCESSES_MAX = 4;
/** A test that hangs fails, instead of holding up everything. */
const TEST_TIMEOUT_MS = 120_000;

interface Group {
  readonly name: string;
  readonly files: readonly string[];
  readonly nodeArgs: readonly string[];
}

/** The test files below the paths given; all of them without any. Paths are relative to the root. */
function findTests(paths: readonly string[]): string[] {
  if (paths.length === 0) return globSync(PATTERNS, { cwd: ROOT }).toSorted();
  const files = paths.flatMap((path) => {
    const absolute = resolve(process.env['INIT_CWD'] ?? process.cwd(), path);
    const isFolder = statSync(absolute, { throwIfNoEntry: false })?.isDirectory() ?? false;
    const found = globSync(isFolder ? `${absolute}/**/*.test.ts` : absolute);
    if (found.length === 0) throw new Error(`no tests at ${path}`);
    return found.map((file) => relative(ROOT, file));
  });
  return [...new Set(files)].toSorted();
}

function groupsOf(files: readonly string[]): Group[] {
  const processCount = Math.min(availableParallelism(), PROCESSES_MAX);
  const unit = files.filter((file) => !ISOLATED.test(file));
  const isolated = files.filter((file) => ISOLATED.test(file));
  const groups: Group[] = [];
  for (let shard = 0; shard < processCount; shard += 1) {
    const share = unit.filter((_, index) => index % processCount === shard);
    groups.push({ name: `unit ${shard + 1}`, files: share, nodeArgs: ['--test-isolation=none'] });
  }
  groups.push({ name: 'isolated', files: isolated, nodeArgs: [`--test-concurrency=${processCount}`] });
  return groups.filter((group) => group.files.length > 0);
}

/** Runs one `node --test` and resolves to its counts; one that died without a summary counts as a failure. */
function runGroup(group: Group, options: readonly string[], directory: string): Promise<TestCounts> {
  const summaryPath = join(directory, `${group.name}.json`);
  const args = [
    '--test',
    '--enable-source-maps',
    `--test-timeout=${TEST_TIMEOUT_MS}`,
    // What a test left open must not hold up the run: the reporter says so instead.
    '--test-force-exit',
    `--test-reporter=${new URL('test-reporter.ts', import.meta.url).href}`,
    '--test-reporter-destination=stdout',
    ...group.nodeArgs,
    ...options,
    ...group.files,
  ];
  const env = { ...process.env, MILLRACE_TEST_SUMMARY: summaryPath };
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', failed);
    child.on('close', (code, signal) => {
      const counts = readCounts(summaryPath);
      const isAccountedFor = code === 0 || (counts !== undefined && counts.failed + counts.cancelled > 0);
      if (isAccountedFor && counts !== undefined) return done(counts);
      console.log(`✖ the process of the ${group.name} tests ended with ${signal ?? code}`);
      const none = { tests: 0, suites: 0, passed: 0, failed: 0, cancelled: 0, skipped: 0, todo: 0 };
      return done({ ...none, ...counts, failed: (counts?.failed ?? 0) + 1 });
    });
  });
}

function readCounts(path: string): TestCounts | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as TestCounts;
  } catch {
    // The process died before it could write its summary; the caller says so.
    return undefined;
  }
}

function sum(all: readonly TestCounts[], field: keyof TestCounts): number {
  return all.reduce((total, counts) => total + counts[field], 0);
}

function printSummary(all: readonly TestCounts[], durationMs: number): void {
  console.log(`ℹ tests ${sum(all, 'tests')}`);
  console.log(`ℹ suites ${sum(all, 'suites')}`);
  console.log(`ℹ pass ${sum(all, 'passed')}`);
  console.log(`ℹ fail ${sum(all, 'failed')}`);
  console.log(`ℹ cancelled ${sum(all, 'cancelled')}`);
  console.log(`ℹ skipped ${sum(all, 'skipped')}`);
  console.log(`ℹ todo ${sum(all, 'todo')}`);
  console.log(`ℹ duration_ms ${durationMs.toFixed(0)}`);
}

async function main(): Promise<void> {
  const given = process.argv.slice(2);
  const files = findTests(given.filter((argument) => !argument.startsWith('-')));
  const options = given.filter((argument) => argument.startsWith('-'));
  const groups = groupsOf(files);
  const directory = mkdtempSync(join(tmpdir(), 'millrace-tests-'));
  const startedAtMs = performance.now();
  console.log(
    `running ${files.length} test ${files.length === 1 ? 'file' : 'files'}; only what fails is listed`,
  );
  try {
    const unit = groups.filter((group) => group.name !== 'isolated');
    const isolated = groups.filter((group) => group.name === 'isolated');
    const run = (group: Group) => runGroup(group, options, directory);
    const counts = await Promise.all(unit.map(run));
    // After the unit tests: servers under test and the unit tests would fight for the cores.
    for (const group of isolated) counts.push(await run(group));
    printSummary(counts, performance.now() - startedAtMs);
    if (sum(counts, 'failed') + sum(counts, 'cancelled') > 0) process.exitCode = 1;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  console.error(`✖ ${errorMessage(error)}`);
  process.exitCode = 1;
}
