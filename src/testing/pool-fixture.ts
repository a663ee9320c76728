/** For tests: a pool with one function made of the given files. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Clock, systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/log.ts';
import { seededRandom } from '../base/random.ts';
import { SimClock } from './sim-clock.ts';
import { Launcher } from '../engine/function/launcher.ts';
import { FunctionPool, type PoolOptions } from '../engine/function/pool.ts';
import type { FunctionSpec } from '../engine/function/spec.ts';

export interface PoolFixtureOptions extends Partial<FunctionSpec> {
  readonly pool?: Partial<PoolOptions>;
  readonly sandbox?: 'auto' | 'none';
  /** By which the processes are measured, instead of real time. */
  readonly processClock?: Clock;
}

/** A pool and one function whose files are `files`; everything is gone when the test ends. */
export function createPoolFixture(
  context: TestContext,
  files: Readonly<Record<string, string>>,
  { pool: poolOptions, sandbox = 'auto', processClock = systemClock, ...own }: PoolFixtureOptions = {},
) {
  const root = mkdtempSync(join(tmpdir(), 'millrace-pool-'));
  const taskDirectory = join(root, 'task');
  mkdirSync(taskDirectory);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(taskDirectory, name)), { recursive: true });
    writeFileSync(join(taskDirectory, name), text);
    if (name === 'bootstrap') chmodSync(join(taskDirectory, name), 0o755);
  }
  const lines: string[] = [];
  const random = seededRandom(1);
  const launcher = new Launcher({
    clock: systemClock,
    processClock,
    random,
    log: silentLogger,
    logs: { append: (_stream, added) => added.forEach(({ text }) => lines.push(text)) },
    credentials: () => ({ accessKeyId: 'ASIATEST', secretAccessKey: 'secret', sessionToken: 'token' }),
    endpointUrl: () => 'http://127.0.0.1:4566',
    temporaryRoot: () => join(root, 'tmp'),
    sandbox,
  });
  const clock = new SimClock();
  const pool = new FunctionPool({ launcher, clock, processClock: systemClock, ...poolOptions });
  context.after(async () => {
    await pool.close();
    launcher.close();
    rmSync(root, { recursive: true, force: true });
  });
  const spec: FunctionSpec = {
    key: 'one',
    account: '000000000000',
    region: 'us-east-1',
    name: 'subject',
    version: '$LATEST',
    runtime: 'nodejs24.x',
    handler: 'index.handler',
    timeoutMs: 10_000,
    memorySizeMb: 256,
    ephemeralStorageMb: 512,
    environment: {},
    taskDirectory,
    roleArn: 'arn:aws:iam::000000000000:role/subject',
    logGroupName: '/aws/lambda/subject',
    ...own,
  };
  let count = 0;
  const invoke = async (payload: unknown = {}) => {
    count += 1;
    const outcome = await pool.invoke(spec, {
      requestId: `request-${count}`,
      functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:subject',
      payloadText: JSON.stringify(payload),
      wantsLogTail: true,
    });
    const tail = Buffer.from(outcome.logTail ?? '', 'base64').toString();
    return { isError: outcome.isError, answer: JSON.parse(outcome.payloadText) as unknown, tail };
  };
  return { pool, spec, invoke, lines, clock, root };
}

/** Process ids are no identity: each sandbox counts its own from 1. */
export const IDENTITY = "const identity = require('node:crypto').randomUUID();";

export function node(body: string): Record<string, string> {
  return { 'index.js': body };
}
