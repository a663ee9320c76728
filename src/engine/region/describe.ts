/** What is to be said of the streams to and from other regions, a line each: for `millrace doctor` and status pages. */
import { LATE_AFTER_MS, type LateEvents } from './late-events.ts';
import type { PeerStreams } from './peer-streams.ts';

interface ReplicationFinding {
  readonly name: 'replication';
  readonly status: 'ok' | 'warning';
  readonly text: string;
}

export function describeReplication(
  streams: PeerStreams,
  late: LateEvents | undefined,
): ReplicationFinding[] {
  const findings = [...streams.lags()].map(([peer, { waiting, ageMs }]): ReplicationFinding => {
    const seconds = Math.round(ageMs / 1000);
    const text = waiting === 0 ? 'has everything' : `${waiting} wait for it, the oldest for ${seconds} s`;
    return finding(ageMs <= LATE_AFTER_MS, `${peer}: ${text}`);
  });
  if (late === undefined || late.count === 0) return findings;
  const [last] = late.list(1);
  const text = `${late.count} events came late from other regions, the last one from ${last?.from}: ${last?.id}`;
  return [...findings, finding(false, text)];
}

function finding(isOk: boolean, text: string): ReplicationFinding {
  return { name: 'replication', status: isOk ? 'ok' : 'warning', text };
}
