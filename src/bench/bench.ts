/**
 * The benchmark: measures each scenario at each concurrency on every target in turn, several times over, so that
 * what else the machine does falls on all of them alike. The figures of a row are medians over its runs.
 *
 * A run counts only what is proved: each answer had status 200, and at the end the server holds as many messages,
 * items or ended executions as it has acknowledged. Whatever was short of that stands in `problems`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsClient } from '../cli/aws-client.ts';
import type { LoadResult, RequestTemplate } from './load.ts';
import { type MachineFacts, machineFacts } from './machine.ts';
import {
  cpuMs,
  LoadGenerator,
  mainThreadCpuMs,
  rssBytes,
  startCeiling,
  startMillrace,
  type StartedTarget,
  type Target,
} from './processes.ts';
import type { Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';

export interface BenchOptions {
  readonly seconds: number;
  readonly runCount: number;
  readonly concurrencies: readonly number[];
  readonly scenarios: readonly Scenario[];
  /** A running Millrace; without it one is started for the benchmark. */
  readonly endpoint?: string | undefined;
  /** Measure the bare `node:http` server, too. */
  readonly withCeiling: boolean;
  /** Another AWS-compatible server to measure. */
  readonly against?: string | undefined;
  readonly profileDirectory?: string | undefined;
  /** Start another server, on a store of so many records, and tell how long that takes. */
  readonly recordCount?: number | undefined;
  readonly onProgress: (text: string) => void;
}

/** One target at one scenario and concurrency. */
export interface BenchRow {
  readonly target: Target['kind'];
  readonly scenario: string;
  readonly concurrency: number;
  readonly operationsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of the server's process, all threads; absent where its id is unknown. */
  readonly cpuUsPerOperation?: number;
  /** Of it, that of the thread that runs the JavaScript: a million by it is the most operations a second. */
  readonly mainCpuUsPerOperation?: number;
  readonly rssBytes?: number;
  /** CPU time of the load generator, which shares the machine. */
  readonly loadCpuUsPerOperation: number;
  /** Of each run, in their order. */
  readonly runs: readonly number[];
  readonly problems: readonly string[];
}

export interface BenchReport {
  readonly machine: MachineFacts;
  readonly seconds: number;
  readonly runCount: number;
  /** Of the server that was started for the benchmark, before its first request. */
  readonly start?: StartFacts;
  /** Of another server, on a store that has been in use. */
  readonly filledStart?: StartFacts & { readonly recordCount: number };
  readonly rows: readonly BenchRow[];
}

/** From the start of the process to its first answer, and what it holds in memory then. */
export interface StartFacts {
  readonly startMs: number;
  readonly idleRssBytes?: number;
}

/** Throws `RemoteError` or `UnreachableError` when a target cannot be set up. */
export async function runBench(options: BenchOptions): Promise<BenchReport> {
  const { seconds, runCount } = options;
  const filledStart =
    options.recordCount === undefined ? {} : await startFilled(options, options.recordCount);
  await using stack = new AsyncDisposableStack();
  const load = stack.use(new LoadGenerator());
  const targets: Target[] = [];
  let start: StartFacts | undefined;
  if (options.endpoint === undefined) {
    const started = stack.use(await startMillrace({ profileDirectory: options.profileDirectory }));
    start = startFacts(started);
    targets.push(started);
  } else {
    targets.push(await remoteTarget('millrace', options.endpoint));
  }
  if (options.withCeiling) targets.push(stack.use(await startCeiling()));
  if (options.against !== undefined) targets.push(await remoteTarget('other', options.against));
  const rows: BenchRow[] = [];
  for (const scenario of options.scenarios) {
    for (const concurrency of options.concurrencies) {
      options.onProgress(`${scenario.title}, ${concurrency} ${concurrency === 1 ? 'client' : 'clients'}`);
      rows.push(...(await measureRows(options, { load, targets, scenario, concurrency })));
    }
  }
  return {
    machine: machineFacts(),
    seconds,
    runCount,
    ...(start === undefined ? {} : { start }),
    ...filledStart,
    rows,
  };
}

async function startFilled(
  { onProgress }: BenchOptions,
  recordCount: number,
): Promise<Pick<BenchReport, 'filledStart'>> {
  onProgress(`a start with ${recordCount} records`);
  await using started = await startMillrace({ recordCount });
  return { filledStart: { recordCount, ...startFacts(started) } };
}

function startFacts(started: StartedTarget): StartFacts {
  const idle = rssBytes(started.pid);
  return { startMs: started.startMs, ...(idle === undefined ? {} : { idleRssBytes: idle }) };
}

/** A server that runs already; a Millrace on this machine tells its process id. */
async function remoteTarget(kind: Target['kind'], endpoint: string): Promise<Target> {
  const { body } = await clientOf(endpoint).platform<{ regions?: Record<string, { pid?: number }> }>(
    'GET',
    '/_millrace/health',
  );
  const pid = Object.values(body.regions ?? {})[0]?.pid;
  return { kind, endpoint, pid };
}

function clientOf(endpoint: string): AwsClient {
  return new AwsClient({
    url: endpoint,
    region: 'us-east-1',
    accessKeyId: 'test',
    secretAccessKey: 'test',
  });
}

interface Cell {
  readonly load: LoadGenerator;
  readonly targets: readonly Target[];
  readonly scenario: Scenario;
  readonly concurrency: number;
}

async function measureRows(options: BenchOptions, cell: Cell): Promise<BenchRow[]> {
  const durationMs = options.seconds * 1000;
  const runs = cell.targets.map((): Run[] => []);
  // One round more than counts: the first warms up the code and the files.
  for (let round = 0; round <= options.runCount; round += 1) {
    for (const [index, target] of cell.targets.entries()) {
      const run = await measure(
        cell,
        target,
        round === 0 ? Math.min(durationMs, WARM_UP_MS_MAX) : durationMs,
      );
      if (round > 0) runs[index]?.push(run);
    }
  }
  return cell.targets.map((target, index) => toRow(cell, target, runs[index] ?? []));
}

const WARM_UP_MS_MAX = 1000;

/** One run, as it was measured. */
interface Run extends LoadResult {
  /** Operations that came to their end. */
  readonly doneCount: number;
  /** Including the wait for what ended after its answer. */
  readonly totalMs: number;
  readonly serverCpuMs: number | undefined;
  readonly mainCpuMs: number | undefined;
  readonly rssBytes: number | undefined;
  readonly problems: readonly string[];
}

let lastRun = 0;

async function measure(
  { load, scenario, concurrency }: Cell,
  target: Target,
  durationMs: number,
): Promise<Run> {
  const { endpoint, pid } = target;
  const client = clientOf(endpoint);
  lastRun += 1;
  const name = `bench-${process.pid}-${lastRun}`;
  const isCeiling = target.kind === 'ceiling';
  const address = isCeiling
    ? `http://127.0.0.1/000000000000/${name}`
    : await scenario.setUp(client, name, concurrency);
  await whenQuiet(pid);
  const cpuBefore = cpuMs(pid);
  const mainBefore = mainThreadCpuMs(pid);
  const requests = scenario.requests(address);
  const plan = {
    endpoint,
    requests: isCeiling ? requests.map(unproved) : requests,
    connectionCount: concurrency,
    durationMs,
  };
  const result = await load.run(plan);
  const serverCpuMs = since(cpuBefore, cpuMs(pid));
  const mainCpuMs = since(mainBefore, mainThreadCpuMs(pid));
  const rss = rssBytes(pid);
  const finished = isCeiling
    ? { count: result.succeededCount, waitedMs: 0 }
    : await scenario.finish(client, address, result.succeededCount);
  if (!isCeiling) await scenario.tearDown(client, address);
  return {
    ...result,
    doneCount: finished.count,
    totalMs: result.durationMs + finished.waitedMs,
    serverCpuMs,
    mainCpuMs,
    rssBytes: rss,
    problems: problemsOf(result, finished.count),
  };
}

/** The same bytes to the ceiling, whose answer is always the same and says nothing. */
function unproved({ path, headers, bodyParts }: RequestTemplate): RequestTemplate {
  return { path, headers, bodyParts };
}

function since(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined ? undefined : after - before;
}

function problemsOf({ succeededCount, failedCount, firstFailure }: LoadResult, doneCount: number): string[] {
  const problems: string[] = [];
  if (failedCount > 0) problems.push(`${failedCount} requests failed, the first with: ${firstFailure}`);
  if (doneCount !== succeededCount)
    problems.push(`${succeededCount} operations were acknowledged and ${doneCount} are done`);
  return problems;
}

const QUIET_LOOK_MS = 100;
const QUIET_LOOKS_MAX = 50;
/** CPU time in a look that is no work left over from the run before. */
const QUIET_CPU_MS = 20;

/** What a server still does for the run before (bringing it to its table, removing it) is not the next one's. */
async function whenQuiet(pid: number | undefined): Promise<void> {
  for (let look = 0; look < QUIET_LOOKS_MAX; look += 1) {
    const before = cpuMs(pid);
    await sleep(QUIET_LOOK_MS);
    if ((cpuMs(pid) ?? 0) - (before ?? 0) <= QUIET_CPU_MS) return;
  }
}

function toRow({ scenario, concurrency }: Cell, target: Target, runs: readonly Run[]): BenchRow {
  const rates = runs.map(({ doneCount, totalMs }) => (doneCount * 1000) / totalMs);
  const usPerOperation = (totalMsOf: (run: Run) => number | undefined): number[] =>
    runs.flatMap((run) => {
      const totalMs = totalMsOf(run);
      return totalMs === undefined ? [] : [(totalMs * 1000) / Math.max(1, run.succeededCount)];
    });
  const cpu = usPerOperation(({ serverCpuMs }) => serverCpuMs);
  const mainCpu = usPerOperation(({ mainCpuMs }) => mainCpuMs);
  const rss = runs.flatMap((run) => run.rssBytes ?? []);
  return {
    target: target.kind,
    scenario: scenario.name,
    concurrency,
    operationsPerSecond: median(rates),
    p50Ms: median(runs.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(runs.map(({ p99Ms }) => p99Ms)),
    ...(cpu.length === 0 ? {} : { cpuUsPerOperation: median(cpu) }),
    ...(mainCpu.length === 0 ? {} : { mainCpuUsPerOperation: median(mainCpu) }),
    ...(rss.length === 0 ? {} : { rssBytes: median(rss) }),
    loadCpuUsPerOperation: median(usPerOperation((run) => run.cpuMs)),
    runs: rates,
    problems: [...new Set(runs.flatMap(({ problems }) => problems))],
  };
}

/** The middle value; the mean of the two in the middle of an even number; 0 of none. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >>> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** The scenario of a name; `undefined` when there is none. */
export function findScenario(name: string): Scenario | undefined {
  return SCENARIOS.find((scenario) => scenario.name === name);
}
