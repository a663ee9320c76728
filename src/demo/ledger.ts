/** The account at the end of the demo: every order is in exactly one place, and the sums agree. Pure. */
import type { ExecutionCounts, ProcessedOrder } from './observe.ts';
import { PROCESSED_ABOVE } from './orders.ts';
import type { SentOrder } from './send.ts';

export interface Ledger {
  readonly sent: number;
  readonly acknowledged: number;
  /** By error code of the bus. */
  readonly rejected: Readonly<Record<string, number>>;
  /** By reason of the pipe. */
  readonly filtered: Readonly<Record<string, number>>;
  readonly enriched: { readonly known: number; readonly unknown: number };
  readonly processed: number;
  readonly executions: ExecutionCounts;
  readonly latencyMs: { readonly p50: number; readonly p99: number } | undefined;
  /** What does not agree; empty when everything does. */
  readonly problems: readonly string[];
}

export interface Observed {
  readonly sent: readonly SentOrder[];
  readonly processed: readonly ProcessedOrder[];
  readonly executions: ExecutionCounts;
  /** Of each acknowledged event that was not to be processed: the reason that its trace gives. */
  readonly dropReasons: ReadonlyMap<string, string | undefined>;
}

export function isToBeProcessed({ order, eventId }: SentOrder): boolean {
  return eventId !== undefined && order.kind !== 'malformed-amount' && order.orderAmount > PROCESSED_ABOVE;
}

export function balance({ sent, processed, executions, dropReasons }: Observed): Ledger {
  const acknowledged = sent.filter(({ eventId }) => eventId !== undefined);
  return {
    sent: sent.length,
    acknowledged: acknowledged.length,
    rejected: countBy(
      sent.filter(({ eventId }) => eventId === undefined).map(({ errorCode }) => errorCode ?? '?'),
    ),
    filtered: countBy([...dropReasons.values()].map((reason) => withoutValues(reason ?? 'no reason'))),
    enriched: {
      known: processed.filter(({ customer }) => customer !== 'unknown').length,
      unknown: processed.filter(({ customer }) => customer === 'unknown').length,
    },
    processed: processed.length,
    executions,
    latencyMs: latency(sent, processed),
    problems: [
      ...processedProblems(sent, processed),
      ...otherProblems(acknowledged, executions, dropReasons),
    ],
  };
}

/** Each order once for each acknowledged event, no other order at all. */
function processedProblems(sent: readonly SentOrder[], processed: readonly ProcessedOrder[]): string[] {
  const expected = countBy(sent.filter(isToBeProcessed).map(({ order }) => order.orderId));
  const found = countBy(processed.map(({ id }) => id));
  return [...new Set([...Object.keys(expected), ...Object.keys(found)])]
    .filter((id) => (expected[id] ?? 0) !== (found[id] ?? 0))
    .map(
      (id) => `order ${id} was to be processed ${expected[id] ?? 0} times and was ${found[id] ?? 0} times`,
    );
}

function otherProblems(
  acknowledged: readonly SentOrder[],
  executions: ExecutionCounts,
  dropReasons: Observed['dropReasons'],
): string[] {
  const problems: string[] = [];
  const executionCount = Object.values(executions).reduce((sum, count) => sum + count, 0);
  if (executionCount !== acknowledged.length) {
    problems.push(`${acknowledged.length} events were acknowledged and ${executionCount} executions started`);
  }
  if (executions['RUNNING'] !== undefined) problems.push(`${executions['RUNNING']} executions did not end`);
  for (const [eventId, reason] of dropReasons) {
    if (reason === undefined) problems.push(`event ${eventId} was not processed, and nothing says why`);
  }
  return problems;
}

function latency(sent: readonly SentOrder[], processed: readonly ProcessedOrder[]): Ledger['latencyMs'] {
  const sentAt = new Map(sent.map(({ order, sentAtMs }) => [order.orderId, sentAtMs]));
  const times = processed.map(({ id, atMs }) => atMs - (sentAt.get(id) ?? atMs)).toSorted((a, b) => a - b);
  const at = (share: number): number | undefined =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))];
  const p50 = at(0.5);
  const p99 = at(0.99);
  return p50 === undefined || p99 === undefined ? undefined : { p50, p99 };
}

/** A reason says what was found and what was wanted; what was found differs from event to event. */
function withoutValues(reason: string): string {
  return reason.replaceAll(/ is [^,]+, wanted/g, ' does not fit');
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
