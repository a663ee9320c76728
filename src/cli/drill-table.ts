/** The account of the drill as a table for people. */
import type { DrillResult } from '../demo/drill/drill.ts';
import { PRIMARY, REGIONS, SECONDARY } from '../demo/drill/names.ts';
import { table } from './output.ts';

export function renderDrill({ times, ledger, failedRequests, late, seconds }: DrillResult): string {
  const second = (value: number): string => `${value.toFixed(2)} s`;
  const counted = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ') || '0';
  const perRegion = (title: string, read: (region: (typeof REGIONS)[number]) => string): string[] => [
    title,
    ...REGIONS.map(read),
  ];
  return [
    table([
      [`${PRIMARY} was killed`, '', ''],
      ['  DNS answered with the other region after', second(times.dns), ''],
      ['  the global endpoint led there after', second(times.endpoint), ''],
      [
        '  longest time without an acknowledgement',
        second(times.silence),
        `${failedRequests} requests failed`,
      ],
      [`${PRIMARY} was restored`, '', ''],
      ['  DNS answered with it again after', second(times.dnsBack), ''],
      ['  the global endpoint led there again after', second(times.endpointBack), ''],
      ['orders sent', String(ledger.sent), `in ${seconds} s with all that was built`],
      ['  refused for what they are', counted(ledger.refused), ''],
      ['  acknowledged', String(ledger.acknowledged), ''],
      ['  without an answer at a first try', String(ledger.unknown), 'sent again: they may be there twice'],
      ['events that came late', String(late), `${SECONDARY} got them when ${PRIMARY} was back`],
    ]),
    '',
    table([
      perRegion('', (region) => region),
      perRegion('orders processed', (region) => String(ledger.regions[region].processed)),
      perRegion('  of those, without a line in the log', (region) =>
        String(ledger.regions[region].withoutLine),
      ),
      perRegion('processed again after the crash', (region) => String(ledger.regions[region].repeated)),
      perRegion('executions', (region) => counted(ledger.regions[region].executions)),
      perRegion('acknowledged and lost', (region) => String(ledger.regions[region].lost)),
      perRegion('there too often', (region) => String(ledger.regions[region].doubled)),
    ]),
  ].join('\n');
}
