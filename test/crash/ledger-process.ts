/** Runs `ledger-child.ts`, below a command that does something to it, and collects what it said. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Synchronous } from '../../src/storage/sqlite/database.ts';
import type { Progress } from './ledger.ts';

export interface LedgerOptions {
  readonly directory: string;
  /** How many to commit, if nothing comes in between. */
  readonly batches: number;
  /** What it does after them. */
  readonly end: 'close' | 'kill';
  readonly synchronous?: Synchronous;
  /** Says that a batch is durable before it is: the liar that checks must catch. */
  readonly isEarly?: boolean;
}

export interface LedgerRun {
  readonly progress: Progress;
  readonly exit: number | NodeJS.Signals | null;
  /** What it said when its store refused to open or to go on. */
  readonly refusal: string | undefined;
  /** It was told of a failure, and of something durable after that. */
  readonly isAcknowledgedAfterFailure: boolean;
}

const CHILD = fileURLToPath(new URL('ledger-child.ts', import.meta.url));

/**
 * Resolves when the child has ended, whatever ended it. `command` is what runs it, with its arguments; `whom` the user
 * that it runs as.
 */
export async function runLedger(
  options: LedgerOptions,
  command: readonly string[] = [],
  whom: { readonly uid?: number; readonly gid?: number } = {},
): Promise<LedgerRun> {
  const { said, exit } = await runChild([...command, process.execPath, CHILD, JSON.stringify(options)], whom);
  return { ...summary(said), exit };
}

/** Runs a command until it ends, and answers what it said. */
export async function runChild(
  [program, ...args]: readonly string[],
  whom: { readonly uid?: number; readonly gid?: number } = {},
): Promise<Pick<LedgerRun, 'exit'> & { readonly said: string }> {
  assert.ok(program !== undefined);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], ...whom });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const exit = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(signal ?? code));
  });
  return { said: Buffer.concat(chunks).toString(), exit };
}

export function summary(said: string): Omit<LedgerRun, 'exit'> {
  const progress = { seen: 0, sent: 0, acknowledged: 0 };
  let refusal: string | undefined;
  let hasFailed = false;
  let isAcknowledgedAfterFailure = false;
  // A line may be torn by the end of the process.
  for (const line of said.split('\n').slice(0, -1)) {
    const [word, number] = line.split(' ', 2);
    if (word === 'seen') progress.seen = Number(number);
    else if (word === 'sent') progress.sent = Math.max(progress.sent, Number(number));
    else if (word === 'failed') hasFailed = true;
    else if (word === 'refused') refusal = line.slice('refused '.length);
    else if (word === 'acked') {
      progress.acknowledged = Math.max(progress.acknowledged, Number(number));
      isAcknowledgedAfterFailure ||= hasFailed;
    }
  }
  return { progress, refusal, isAcknowledgedAfterFailure };
}
