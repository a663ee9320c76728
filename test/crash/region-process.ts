/** A region in a process of its own, to be killed; and the calls that reach it over HTTP. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Output, Reply } from '../workload/recorder.ts';
import { REGION } from '../workload/names.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const LIAR = fileURLToPath(new URL('millrace-child.ts', import.meta.url));

export class RegionProcess {
  readonly endpoint: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, endpoint: string) {
    this.#child = child;
    this.endpoint = endpoint;
  }

  /**
   * Resolves when the region is ready; `early` answers before its commits are on disk. `command` is what runs it; the
   * region has to be the process that is started.
   */
  static async start(
    directory: string,
    mode: 'honest' | 'early',
    command: readonly string[] = [],
  ): Promise<RegionProcess> {
    const honest = [MAIN, 'start', '--json', '--port', '0', '--data-dir', directory, '--log-level', 'warn'];
    const args = mode === 'honest' ? honest : [LIAR, directory];
    const [program = process.execPath, ...all] = [...command, process.execPath, ...args];
    const child = spawn(program, all, { stdio: ['ignore', 'pipe', 'inherit'] });
    // A test that dies takes its regions along.
    const kill = (): boolean => child.kill('SIGKILL');
    process.once('exit', kill);
    child.once('exit', () => process.off('exit', kill));
    for await (const line of createInterface({ input: child.stdout })) {
      return new RegionProcess(child, (JSON.parse(line) as { endpoint: string }).endpoint);
    }
    throw new Error('the region ended before it was ready');
  }

  /** The processes that this one has started, and those that they have. */
  descendants(): number[] {
    return this.#child.pid === undefined ? [] : descendantsOf(this.#child.pid);
  }

  /** Resolves once the process has ended by itself, or after so long. */
  async ended(patienceMs: number): Promise<void> {
    const signal = AbortSignal.timeout(patienceMs);
    while (this.#child.signalCode === null && this.#child.exitCode === null && !signal.aborted)
      await once(this.#child, 'exit', { signal }).catch(() => undefined);
  }

  /** Kills the process, and answers what is left of it: processes that it had started, and an open port. */
  async kill(): Promise<string[]> {
    const descendants = this.descendants();
    if (this.#child.signalCode === null && this.#child.exitCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await ended;
    }
    return remains(descendants, Number(new URL(this.endpoint).port));
  }
}

/** How long what a killed process has started may take to notice. */
const ORPHAN_TIMEOUT_MS = 5000;

async function remains(descendants: readonly number[], port: number): Promise<string[]> {
  const untilMs = Date.now() + ORPHAN_TIMEOUT_MS;
  for (;;) {
    const orphans = descendants.filter((pid) => isRunning(pid)).map((pid) => `process ${pid}`);
    const open = (await isOpen(port)) ? [`port ${port}`] : [];
    if (orphans.length + open.length === 0 || Date.now() > untilMs) return [...orphans, ...open];
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Parent of each process, from /proc; nothing where there is none. */
function parents(): Map<number, number> {
  const found = new Map<number, number>();
  for (const name of process.platform === 'linux' ? readdirSync('/proc') : []) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : undefined;
    if (stat !== undefined) found.set(Number(name), stat.parent);
  }
  return found;
}

function descendantsOf(pid: number): number[] {
  const byParent = Map.groupBy(parents(), ([, parent]) => parent);
  const children = (byParent.get(pid) ?? []).map(([child]) => child);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

/** A process that has ended and waits to be reaped is not running. */
function isRunning(pid: number): boolean {
  const state = readStat(pid)?.state;
  return state !== undefined && state !== 'Z';
}

function readStat(pid: number): { state: string | undefined; parent: number } | undefined {
  try {
    // The name in parentheses may hold anything.
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

const TARGETS: Readonly<Record<string, { readonly prefix: string; readonly version: string }>> = {
  sqs: { prefix: 'AmazonSQS', version: '1.0' },
  events: { prefix: 'AWSEvents', version: '1.1' },
  states: { prefix: 'AWSStepFunctions', version: '1.0' },
  dynamodb: { prefix: 'DynamoDB_20120810', version: '1.0' },
};

/** One call over HTTP. A connection that breaks and a 5xx leave open what happened. */
export async function callRegion(
  endpoint: string | undefined,
  { service, operation, input }: { service: string; operation: string; input: object },
): Promise<Reply> {
  if (endpoint === undefined) return { kind: 'unknown' };
  try {
    const response = await fetch(...toRequest(endpoint, service, { operation, input }));
    const text = await response.text();
    if (response.status >= 500) return { kind: 'unknown' };
    const output = text === '' ? {} : (JSON.parse(text) as Output);
    if (response.status < 300) return { kind: 'acknowledged', output };
    const { __type: type = String(response.status) } = output as { readonly __type?: string };
    return { kind: 'refused', code: type.replace(/^.*#/, '') };
  } catch {
    return { kind: 'unknown' };
  }
}

function toRequest(
  endpoint: string,
  service: string,
  { operation, input }: { operation: string; input: object },
): [string, RequestInit] {
  const scope = `test/20260101/${REGION}/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
  const target = TARGETS[service];
  if (target !== undefined) {
    const headers = {
      authorization,
      'content-type': `application/x-amz-json-${target.version}`,
      'x-amz-target': `${target.prefix}.${operation}`,
    };
    return [endpoint, { method: 'POST', headers, body: JSON.stringify(input) }];
  }
  // CreatePipe: the one REST operation of the workload.
  const { Name, ...body } = input as { readonly Name: string };
  const headers = { authorization, 'content-type': 'application/json' };
  return [`${endpoint}/v1/pipes/${Name}`, { method: 'POST', headers, body: JSON.stringify(body) }];
}
