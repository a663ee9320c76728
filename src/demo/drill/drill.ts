/**
 * The drill: the article's architecture in two regions under load, one of which is killed, and comes back. It measures
 * what a client sees, by DNS and by the global endpoint, and then looks for every order that was acknowledged.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { buildArchitecture, type Architecture } from '../architecture.ts';
import { countExecutions, readProcessed, wasProcessed } from '../observe.ts';
import { demoOrders } from '../orders.ts';
import { buildFailover, type Failover } from './failover.ts';
import { DrillInstallation } from './installation.ts';
import {
  balanceDrill,
  type DrillLedger,
  isToBeProcessed,
  missingInLog,
  type Observed,
  type RegionObserved,
} from './ledger.ts';
import { API_NAME, type DrillRegion, endpointHost, PRIMARY, REGIONS, SECONDARY } from './names.ts';
import { Producer } from './producer.ts';

export interface DrillOptions {
  readonly account: string;
  readonly enricher: 'python' | 'node';
  readonly seed: number;
  readonly ordersPerSecond: number;
  /** How long to go on before, while and after the region is down, each. */
  readonly phaseSeconds: number;
  /** Milliseconds between two looks of the health checkers; undefined for AWS's fastest, 10 s. */
  readonly intervalMs: number | undefined;
  /** A step begins. */
  readonly note: (text: string) => void;
  /** A part of a step. */
  readonly detail: (text: string) => void;
}

/** Seconds, as a client sees them. */
export interface DrillTimes {
  /** From the kill to the first answer of DNS that names the other region. */
  readonly dns: number;
  /** From the kill to the first answer that names it for the global endpoint. */
  readonly endpoint: number;
  /** The longest time without any acknowledgement after the kill. */
  readonly silence: number;
  /** From the order to restore to the first answer that names the region again. */
  readonly dnsBack: number;
  readonly endpointBack: number;
}

export interface DrillResult {
  readonly times: DrillTimes;
  readonly ledger: DrillLedger;
  readonly failedRequests: number;
  /** Events that came to the other region long after they were put: those that the dead one had not sent. */
  readonly late: number;
  readonly seconds: number;
}

const LOOK_INTERVAL_MS = 25;
const FLIP_WITHIN_MS = 120_000;
/** Nothing has moved for this long: what is missing now will be missing in the ledger. */
const STALLED_AFTER_MS = 40_000;
/** Where all executions have ended, what is missing in the logs by now has no line there. */
const QUIET_MS = 5000;
const DRAIN_LOOK_MS = 500;
/** More than any drill sends. */
const ORDERS_MAX = 200_000;

export async function runDrill(options: DrillOptions): Promise<DrillResult> {
  const { account, enricher, note, detail } = options;
  note('starting two regions');
  await using installation = await DrillInstallation.start(account);
  const startedAtMs = Date.now();
  const architectures = new Map<DrillRegion, Architecture>();
  for (const region of REGIONS) {
    note(`building the architecture in ${region}`);
    const client = installation.client(region);
    architectures.set(region, await buildArchitecture({ client, account, enricher, note: detail }));
  }
  note('building what makes it fail over');
  const failover = await buildFailover({
    installation,
    account,
    intervalMs: options.intervalMs,
    note: detail,
  });
  const run = `d${Date.now().toString(36)}`;
  const orders = demoOrders({ count: ORDERS_MAX, seed: options.seed, run }).values();
  const producer = new Producer({ ...options, installation, endpointId: failover.endpointId, orders });
  const times = await failAndRestore({ installation, failover, producer, options });
  note('waiting until everything has arrived');
  const look = { installation, architectures, run, sinceMs: startedAtMs };
  const observed = await lookUpTraces(installation, producer, await drain(look, producer, detail));
  const { [SECONDARY]: secondary } = await installation.health();
  return {
    times,
    ledger: balanceDrill(producer.produced, observed),
    failedRequests: producer.failedRequests,
    late: secondary.late ?? 0,
    seconds: Math.round((Date.now() - startedAtMs) / 1000),
  };
}

interface Acts {
  readonly installation: DrillInstallation;
  readonly failover: Failover;
  readonly producer: Producer;
  readonly options: DrillOptions;
}

async function failAndRestore({ installation, failover, producer, options }: Acts): Promise<DrillTimes> {
  const { note, phaseSeconds, ordersPerSecond } = options;
  const phaseMs = phaseSeconds * 1000;
  const health = await installation.health(PRIMARY);
  const host = endpointHost(failover.endpointId);
  /** Seconds until the DNS server of the other region answers so. */
  const flip = async (name: string, region: DrillRegion, sinceMs: number): Promise<number> => {
    const wanted = health[region].address;
    while ((await installation.resolve(SECONDARY, name)) !== wanted) {
      if (Date.now() > sinceMs + FLIP_WITHIN_MS) throw new Error(`${name} does not lead to ${region}`);
      await sleep(LOOK_INTERVAL_MS);
    }
    return (Date.now() - sinceMs) / 1000;
  };
  for (const name of [API_NAME, host]) await flip(name, PRIMARY, Date.now());
  note(`sending ${ordersPerSecond} orders a second through the global endpoint`);
  producer.start();
  await sleep(phaseMs);
  note(`killing ${PRIMARY}`);
  const killedMs = Date.now();
  await installation.fail(PRIMARY);
  const [dns, endpoint] = await Promise.all([
    flip(API_NAME, SECONDARY, killedMs),
    flip(host, SECONDARY, killedMs),
  ]);
  await sleep(phaseMs);
  note(`restoring ${PRIMARY}`);
  const restoredMs = Date.now();
  await installation.restore(PRIMARY);
  const [dnsBack, endpointBack] = await Promise.all([
    flip(API_NAME, PRIMARY, restoredMs),
    flip(host, PRIMARY, restoredMs),
  ]);
  await sleep(phaseMs);
  await producer.stop();
  return {
    dns,
    endpoint,
    silence: longestSilence(producer.acknowledgedAtMs, killedMs),
    dnsBack,
    endpointBack,
  };
}

function longestSilence(acknowledgedAtMs: readonly number[], sinceMs: number): number {
  let longestMs = 0;
  let lastMs = sinceMs;
  for (const atMs of acknowledgedAtMs.filter((each) => each >= sinceMs).toSorted((a, b) => a - b)) {
    longestMs = Math.max(longestMs, atMs - lastMs);
    lastMs = atMs;
  }
  return longestMs / 1000;
}

interface Look {
  readonly installation: DrillInstallation;
  readonly architectures: ReadonlyMap<DrillRegion, Architecture>;
  readonly run: string;
  readonly sinceMs: number;
}

/** Looks until everything that was acknowledged has arrived in both regions, or nothing moves any more. */
async function drain(look: Look, producer: Producer, detail: (text: string) => void): Promise<Observed> {
  const { produced } = producer;
  const wanted = produced.reduce((sum, each) => sum + (isToBeProcessed(each) ? each.acknowledged : 0), 0);
  const started = produced.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  let lastDone = -1;
  let lastMoveMs = Date.now();
  for (;;) {
    const observed = await observe(look);
    const regions = REGIONS.map((region) => observed[region]);
    const isDone = regions.every(({ processed, executions }) => {
      return processed.length >= wanted && endedCount(executions) >= started;
    });
    const isEnded = regions.every(({ executions }) => endedCount(executions) >= started);
    const done = regions.reduce((sum, each) => sum + each.processed.length + endedCount(each.executions), 0);
    detail(
      REGIONS.map((region) => `${region}: ${observed[region].processed.length} of ${wanted}`).join(', '),
    );
    if (done !== lastDone) lastMoveMs = Date.now();
    lastDone = done;
    // One more look when all is there: what is there too often comes late as well.
    if (isDone && Date.now() > lastMoveMs + DRAIN_LOOK_MS * 2) return observed;
    if (Date.now() > lastMoveMs + (isEnded ? QUIET_MS : STALLED_AFTER_MS)) return observed;
    await sleep(DRAIN_LOOK_MS);
  }
}

async function observe({ installation, architectures, run, sinceMs }: Look): Promise<Observed> {
  const entries = REGIONS.map(async (region): Promise<[DrillRegion, RegionObserved]> => {
    const client = installation.client(region);
    const machine = architectures.get(region)?.stateMachineArn ?? '';
    const processed = await readProcessed(client, run, sinceMs);
    const executions = await countExecutions(client, machine, sinceMs);
    return [region, { processed, executions, traced: new Set<string>() }];
  });
  return Object.fromEntries(await Promise.all(entries)) as unknown as Observed;
}

/** A line of a log is on disk a moment after it was written, so some are lost with a region: their traces are not. */
async function lookUpTraces(
  installation: DrillInstallation,
  { produced }: Producer,
  observed: Observed,
): Promise<Observed> {
  const found: Record<DrillRegion, RegionObserved> = { ...observed };
  for (const region of REGIONS) {
    const traced = new Set<string>();
    const client = installation.client(region);
    for (const eventId of missingInLog(produced, observed[region].processed)) {
      if (await wasProcessed(client, eventId)) traced.add(eventId);
    }
    found[region] = { ...observed[region], traced };
  }
  return found;
}

function endedCount(executions: Readonly<Record<string, number>>): number {
  return Object.entries(executions).reduce(
    (sum, [status, count]) => sum + (status === 'RUNNING' ? 0 : count),
    0,
  );
}
