/**
 * What the tests of commands stand on: a server as a user starts it, our own command line, the shell, and whether
 * the tools of others are there. Everything started here ends with the test.
 */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAIN = join(ROOT, 'src/main.ts');
const GUARD = new URL('../../scripts/orphan-guard.js', import.meta.url).href;

/** The account of the article's ARNs. */
const ACCOUNT = '123456789012';

/** What a command left. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command of the machine's whose output says what it is; otherwise why the tests that need it are skipped. */
export function missingTool(name: string, ...args: readonly string[]): string | false {
  const { status } = spawnSync(name, args, { stdio: 'ignore', timeout: 60_000 });
  return status === 0 ? false : `${[name, ...args].join(' ')} does not run here`;
}

export const skipWithoutAws = missingTool('aws', '--version');

/** The environment of this process, without what would lead commands elsewhere. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(AWS|MILLRACE|NODE)_/.test(name)),
  );
}

/** The variables with which the article's reader points tools at `endpoint`. */
export function articleEnvironment(endpoint: string, region = 'us-west-2'): NodeJS.ProcessEnv {
  return {
    ...cleanEnvironment(),
    MILLRACE_ENDPOINT: endpoint,
    AWS_ACCESS_KEY_ID: ACCOUNT,
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_DEFAULT_REGION: region,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
  };
}

export function run(
  command: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(command, args, { env: cleanEnvironment(), ...options }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });
}

/** Our own command line, as `millrace <args>`. */
export function millrace(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended> {
  return run(process.execPath, [MAIN, ...args], env === undefined ? {} : { env });
}

/** The command line of a command that goes on until it is stopped. */
export function spawnMillrace(args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  const nodeArgs = ['--import', GUARD, MAIN, ...args];
  return spawn(process.execPath, nodeArgs, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
}

/** A directory for a test's files; `await using` removes it. */
export function temporaryDirectory(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'millrace-test-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export interface Platform extends AsyncDisposable {
  readonly endpoint: string;
  /** What it has logged so far. */
  readonly messages: readonly string[];
  /** Resolves once this has been logged. */
  logged(message: string): Promise<void>;
}

/** `millrace start` with a store on the disk, which goes with it. */
export async function startPlatform(): Promise<Platform> {
  const data = temporaryDirectory();
  const args = ['start', '--json', '--port', '0', '--data-dir', data.path];
  const child = spawnMillrace(args, cleanEnvironment());
  const messages: string[] = [];
  const lines = createInterface({ input: requirePipe(child.stderr) });
  lines.on('line', (line) => messages.push(messageOf(line)));
  const logged = async (message: string): Promise<void> => {
    while (!messages.includes(message)) await once(lines, 'line');
  };
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
    data[Symbol.dispose]();
  };
  for await (const line of createInterface({ input: requirePipe(child.stdout) })) {
    const { endpoint } = JSON.parse(line) as { endpoint: string };
    return { endpoint, messages, logged, [Symbol.asyncDispose]: stop };
  }
  await stop();
  throw new Error(`the server did not start: ${messages.join('\n')}`);
}

/** The message of a line of the log; the line itself where it is none, such as the stack of a crash. */
function messageOf(line: string): string {
  return line.startsWith('{') ? (JSON.parse(line) as { msg: string }).msg : line;
}

function requirePipe<Stream>(stream: Stream | null): Stream {
  if (stream === null) throw new Error('the output of the child is not piped');
  return stream;
}

/** Fenced blocks of a page of Markdown whose language line begins with `info`, in order. */
export function fencedBlocks(
  markdown: string,
  info: string,
): { readonly info: string; readonly text: string }[] {
  return [...markdown.matchAll(/^```([^\n]+)\n([\s\S]*?)^```$/gm)]
    .map(([, line = '', text = '']) => ({ info: line.trim(), text }))
    .filter((block) => block.info === info || block.info.startsWith(`${info} `));
}

/** Of the AWS CLI, which takes a second for each: half a minute. */
const LOOKS_MAX = 30;

/** Looks until it sees what it waits for; the last look, if that never comes. Each look takes its time. */
export async function retryUntil<Seen>(
  look: () => Promise<Seen>,
  isThere: (seen: Seen) => boolean,
): Promise<Seen> {
  let seen = await look();
  for (let count = 1; count < LOOKS_MAX && !isThere(seen); count += 1) seen = await look();
  return seen;
}
