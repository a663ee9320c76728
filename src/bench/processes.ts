/**
 * The processes of a benchmark: the server, the ceiling and the load. Each runs from the same build as this one and
 * ends with it. Also what the system says of a running process; only Linux does.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { fillStore } from './filled-store.ts';
import type { LoadPlan, LoadResult } from './load.ts';

/** A server to measure. */
export interface Target {
  readonly kind: 'millrace' | 'ceiling' | 'other';
  readonly endpoint: string;
  /** Unknown for a server that was not started here and does not tell. */
  readonly pid: number | undefined;
}

export interface StartedTarget extends Target, AsyncDisposable {
  readonly pid: number;
  /** From the start of the process to its first answer. */
  readonly startMs: number;
}

export interface StartOptions {
  /** Where the server's CPU profile goes when it ends. */
  readonly profileDirectory?: string | undefined;
  /** Its store has so many records when it starts. */
  readonly recordCount?: number;
}

/** The file of this build: `.ts` in development, `.js` where it is built. */
function built(name: string): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`${name}.${extension}`, import.meta.url));
}

/** `millrace start` with a store of its own on the disk, which goes with it. */
export async function startMillrace({ profileDirectory, recordCount }: StartOptions): Promise<StartedTarget> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  const profile = profileDirectory === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profileDirectory];
  const settings = ['--port', '0', '--data-dir', directory, '--log-level', 'warn', '--json'];
  const args = [...profile, '--import', built('exit-with-parent'), built('../main'), 'start', ...settings];
  try {
    if (recordCount !== undefined) await fillStore(directory, recordCount);
    const started = await startServer('millrace', args);
    return {
      ...started,
      [Symbol.asyncDispose]: async () => {
        await started[Symbol.asyncDispose]();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}

export function startCeiling(): Promise<StartedTarget> {
  return startServer('ceiling', [built('ceiling-process')]);
}

async function startServer(kind: Target['kind'], args: readonly string[]): Promise<StartedTarget> {
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, args, {
    // Settings of the shell are for servers that are used, not measured.
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('MILLRACE_'))),
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  try {
    const { endpoint } = JSON.parse(await firstLine(child)) as { endpoint: string };
    // Any answer will do, a refusal too.
    await (await fetch(endpoint, { method: 'POST', body: '{}' })).text();
    const startMs = performance.now() - startedAtMs;
    const { pid = 0 } = child;
    return { kind, endpoint, pid, startMs, [Symbol.asyncDispose]: () => stop(child) };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  const lines = createInterface({ input: child.stdout as Readable });
  const ended = once(child, 'exit').then(() => {
    throw new Error('the server to measure did not start');
  });
  const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string];
  return line;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** The process that makes the load, one plan at a time. */
export class LoadGenerator implements AsyncDisposable {
  readonly #child: ChildProcess = fork(built('load-process'), { execArgv: [] });
  #run = Promise.withResolvers<LoadResult>();

  constructor() {
    this.#child.on('message', (result) => this.#run.resolve(result as LoadResult));
    this.#child.on('exit', () => this.#run.reject(new Error('the process that makes the load has ended')));
    // Its end only matters to a run that waits for it.
    this.#run.promise.catch(() => undefined);
  }

  run(plan: LoadPlan): Promise<LoadResult> {
    this.#run = Promise.withResolvers<LoadResult>();
    this.#child.send(plan);
    return this.#run.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#run.promise.catch(() => undefined);
    await stop(this.#child);
  }
}

/** The unit of times in /proc on every Linux that Node runs on. */
const TICK_MS = 10;
/** Fields of /proc/PID/stat behind the name, which may hold anything: user and system time, in ticks. */
const USER_TIME_FIELD = 11;
const SYSTEM_TIME_FIELD = 12;

/** CPU time that a process has used, all threads together; `undefined` where the system does not tell. */
export function cpuMs(pid: number | undefined): number | undefined {
  return cpuOf(pid, 'stat');
}

/** That of its main thread alone, which runs the JavaScript: it can give no more than one core. */
export function mainThreadCpuMs(pid: number | undefined): number | undefined {
  return cpuOf(pid, `task/${pid}/stat`);
}

function cpuOf(pid: number | undefined, file: string): number | undefined {
  const stat = readProc(pid, file);
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields === undefined) return undefined;
  return (Number(fields[USER_TIME_FIELD]) + Number(fields[SYSTEM_TIME_FIELD])) * TICK_MS;
}

/** Memory that a process holds in RAM; `undefined` where the system does not tell. */
export function rssBytes(pid: number | undefined): number | undefined {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(pid, 'status') ?? '');
  return match === null ? undefined : Number(match[1]) * 1024;
}

function readProc(pid: number | undefined, file: string): string | undefined {
  if (pid === undefined) return undefined;
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // Another system, or the process is gone.
    return undefined;
  }
}
