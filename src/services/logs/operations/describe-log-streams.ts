import type { DescribeLogStreamsRequest, DescribeLogStreamsResponse } from '../../../api/logs.ts';
import { groupArn, type LogStreamRecord } from '../../../engine/log-store/log-record.ts';
import { invalidParameter } from '../errors.ts';
import { paginate } from '../paginate.ts';
import { requireGroup } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LogsDependencies } from '../service.ts';

export function describeLogStreams({
  logs,
}: LogsDependencies): Handler<DescribeLogStreamsRequest, DescribeLogStreamsResponse> {
  return (input, call) => {
    const { logStreamNamePrefix: prefix, orderBy = 'LogStreamName', descending = false } = input;
    if (orderBy === 'LastEventTime' && prefix !== undefined) {
      throw invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.');
    }
    const group = requireGroup(logs, call, input);
    const direction = descending ? -1 : 1;
    const byTime = orderBy === 'LastEventTime';
    const streams = [...group.streams.values()]
      .filter(({ name }) => prefix === undefined || name.startsWith(prefix))
      .toSorted((a, b) => direction * compare(a, b, byTime));
    const page = paginate(streams, ({ name }) => name, input);
    return {
      logStreams: page.items.map((stream) => ({
        logStreamName: stream.name,
        creationTime: stream.createdAtMs,
        firstEventTimestamp: stream.firstEventAtMs,
        lastEventTimestamp: stream.lastEventAtMs,
        lastIngestionTime: stream.lastIngestedAtMs,
        uploadSequenceToken: '1',
        arn: `${groupArn(group.record)}:log-stream:${stream.name}`,
        storedBytes: 0,
      })),
      ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken }),
    };
  };
}

function compare(a: LogStreamRecord, b: LogStreamRecord, byTime: boolean): number {
  const difference = byTime ? (a.lastEventAtMs ?? 0) - (b.lastEventAtMs ?? 0) : 0;
  return difference || (a.name < b.name ? -1 : 1);
}
