/**
 * The account at the end of the drill. Every event that was acknowledged is on the buses of both regions, once: the
 * global endpoint replicates it, and the mirrored rule does, and a region takes the same event from another one only
 * once. So each region processes each order as often as it was acknowledged; where the answer to a request was lost, it
 * may be once more. Pure.
 */
import type { ExecutionCounts, ProcessedOrder } from '../observe.ts';
import { PROCESSED_ABOVE } from '../orders.ts';
import { type DrillRegion, REGIONS } from './names.ts';
import type { ProducedOrder } from './producer.ts';

export interface RegionLedger {
  /** Orders that ProcessEvent processed, each counted as often as it was on the bus. */
  readonly processed: number;
  /** Of those, the ones whose line in the log was lost with the process: a log is written a moment later. */
  readonly withoutLine: number;
  /** Orders that were processed again, since the region died before it had the function's answer on disk. */
  readonly repeated: number;
  readonly executions: ExecutionCounts;
  /** Acknowledged orders that are missing. */
  readonly lost: number;
  /** Orders that are there more often than they can have been put. */
  readonly doubled: number;
}

export interface DrillLedger {
  readonly sent: number;
  readonly acknowledged: number;
  /** Sent, and nobody knows whether they were taken at the first try. */
  readonly unknown: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly regions: Readonly<Record<DrillRegion, RegionLedger>>;
  /** What does not agree; empty when everything does. */
  readonly problems: readonly string[];
}

export interface RegionObserved {
  readonly processed: readonly ProcessedOrder[];
  readonly executions: ExecutionCounts;
  /** Events that have no line in the log and were processed all the same, as their traces say. */
  readonly traced: ReadonlySet<string>;
}

export type Observed = Readonly<Record<DrillRegion, RegionObserved>>;

/** How often something has to be there, and how often it may be. */
interface Expected {
  least: number;
  most: number;
}

export function isToBeProcessed({ order }: ProducedOrder): boolean {
  return (
    order.kind !== 'malformed-amount' &&
    order.kind !== 'malformed-detail' &&
    order.orderAmount > PROCESSED_ABOVE
  );
}

export function balanceDrill(produced: readonly ProducedOrder[], observed: Observed): DrillLedger {
  const problems: string[] = [];
  const regions = Object.fromEntries(
    REGIONS.map((region) => [region, balanceRegion(region, produced, observed[region], problems)]),
  ) as Record<DrillRegion, RegionLedger>;
  const refused: Record<string, number> = {};
  for (const { errorCode } of produced) {
    if (errorCode !== undefined) refused[errorCode] = (refused[errorCode] ?? 0) + 1;
  }
  const givenUp = produced.filter(
    ({ acknowledged, errorCode }) => acknowledged === 0 && errorCode === undefined,
  );
  if (givenUp.length > 0) problems.push(`${givenUp.length} orders were never acknowledged`);
  return {
    sent: produced.length,
    acknowledged: sum(produced.map(({ acknowledged }) => acknowledged)),
    unknown: produced.filter(({ unknown }) => unknown > 0).length,
    refused,
    regions,
    problems,
  };
}

function balanceRegion(
  region: DrillRegion,
  produced: readonly ProducedOrder[],
  { processed, executions, traced }: RegionObserved,
  problems: string[],
): RegionLedger {
  const lines = linesByOrder(processed);
  const traces = countBy(
    produced.filter(({ eventId = '' }) => traced.has(eventId)).map(({ order }) => order.orderId),
  );
  const expected = expectedOrders(produced);
  const ledger = { processed: 0, withoutLine: 0, lost: 0, doubled: 0 };
  for (const id of new Set([...lines.keys(), ...expected.keys()])) {
    const { least, most } = expected.get(id) ?? { least: 0, most: 0 };
    const inLog = lines.get(id) ?? 0;
    const count = Math.max(inLog, Math.min(least, inLog + (traces[id] ?? 0)));
    ledger.processed += count;
    ledger.withoutLine += count - inLog;
    ledger.lost += Math.max(0, least - count);
    ledger.doubled += Math.max(0, count - most);
    if (count < least || count > most) {
      problems.push(
        `${region}: order ${id} was to be processed ${least} to ${most} times, and was ${count} times`,
      );
    }
  }
  problems.push(...executionProblems(region, produced, executions));
  const repeated = processed.length - sum([...lines.values()]);
  return { ...ledger, repeated, executions };
}

/**
 * How often each order was processed. A call that is made again after a crash has the request id of the first one, and
 * another process: what both of them wrote counts once.
 */
function linesByOrder(processed: readonly ProcessedOrder[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const call of Map.groupBy(processed, ({ id, requestId }) => `${requestId} ${id}`).values()) {
    const [first] = call;
    if (first === undefined) continue;
    const most = Math.max(...Object.values(countBy(call.map(({ logStreamName }) => logStreamName))));
    counts.set(first.id, (counts.get(first.id) ?? 0) + most);
  }
  return counts;
}

/** Acknowledged events of orders that the log has too few lines of. */
export function missingInLog(
  produced: readonly ProducedOrder[],
  processed: readonly ProcessedOrder[],
): readonly string[] {
  const lines = linesByOrder(processed);
  const expected = expectedOrders(produced);
  return produced.flatMap(({ order: { orderId }, eventId }) => {
    const isMissing = (lines.get(orderId) ?? 0) < (expected.get(orderId)?.least ?? 0);
    return isMissing && eventId !== undefined ? [eventId] : [];
  });
}

function expectedOrders(produced: readonly ProducedOrder[]): Map<string, Expected> {
  const expected = new Map<string, Expected>();
  for (const each of produced) {
    if (!isToBeProcessed(each)) continue;
    const { orderId } = each.order;
    const before = expected.get(orderId) ?? { least: 0, most: 0 };
    before.least += each.acknowledged;
    before.most += each.acknowledged + each.unknown;
    expected.set(orderId, before);
  }
  return expected;
}

/** Each event that matches the rule starts an execution, whatever its amount is. */
function executionProblems(
  region: DrillRegion,
  produced: readonly ProducedOrder[],
  executions: ExecutionCounts,
): string[] {
  const count = sum(Object.values(executions));
  const least = sum(produced.map(({ acknowledged }) => acknowledged));
  // A malformed order was refused by its bus, so whether its answer came makes no difference.
  const most = least + sum(produced.map(({ unknown, errorCode }) => (errorCode === undefined ? unknown : 0)));
  const problems: string[] = [];
  if (count < least || count > most) {
    problems.push(`${region}: ${least} to ${most} executions were to start, and ${count} did`);
  }
  if (executions['RUNNING'] !== undefined)
    problems.push(`${region}: ${executions['RUNNING']} executions did not end`);
  return problems;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
