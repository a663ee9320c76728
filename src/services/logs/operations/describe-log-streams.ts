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
    const nameOf = orderBy === 'LastEventTime' ? timeAndName : ({ name }: LogStreamRecord) => name;
    const streams = [...group.streams.values()]
      .filter(({ name }) => prefix === undefined || name.startsWith(prefix))
      .toSorted((a, b) => (nameOf(a) < nameOf(b) ? -direction : direction));
    const page = paginate(streams, { nameOf, isDescending: descending }, input);
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
      ...page.next,
    };
  };
}

/** Sorts by time first. A token that holds it goes on from that time, even when the stream has moved on. */
function timeAndName({ lastEventAtMs = 0, name }: LogStreamRecord): string {
  return `${String(lastEventAtMs).padStart(TIME_DIGITS, '0')} ${name}`;
}

/** Of milliseconds since the epoch, for the next thirty thousand years. */
const TIME_DIGITS = 15;
