/** The demo's account as a table for people. */
import type { DemoResult } from '../demo/run.ts';
import { table } from './output.ts';

export function renderLedger({ ledger, eventsPerSecond, seconds }: DemoResult): string {
  const { latencyMs } = ledger;
  const counted = (title: string, counts: Readonly<Record<string, number>>): string[][] =>
    Object.entries(counts).map(([name, count]) => [`  ${title}`, String(count), name]);
  return table([
    ['orders sent', String(ledger.sent), ''],
    ...counted('rejected by the bus', ledger.rejected),
    ['events acknowledged', String(ledger.acknowledged), ''],
    ...counted('filtered by the pipe', ledger.filtered),
    ['enriched', String(ledger.enriched.known), 'with the name of a customer'],
    ['', String(ledger.enriched.unknown), 'of customers that nobody knows'],
    ['processed by ProcessEvent', String(ledger.processed), ''],
    ...counted('executions', ledger.executions),
    [
      'latency',
      latencyMs === undefined ? '-' : `${latencyMs.p50} / ${latencyMs.p99} ms`,
      'p50 / p99 from PutEvents to ProcessEvent',
    ],
    ['throughput', `${eventsPerSecond}/s`, `events acknowledged per second; all done in ${seconds} s`],
  ]);
}
