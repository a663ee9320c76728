import type { GetLogEventsRequest, GetLogEventsResponse } from '../../../api/logs.ts';
import type { LogPosition, StoredLogEvent } from '../../../engine/log-store/log-record.ts';
import { invalidParameter } from '../errors.ts';
import { EVENTS_PER_PAGE_MAX, PAGE_SIZE_BYTES_MAX } from '../limits.ts';
import { requireGroup, requireStream } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LogsDependencies } from '../service.ts';

/** A page in the order of time. At either end of the stream the token that was given comes back. */
export function getLogEvents({ logs }: LogsDependencies): Handler<GetLogEventsRequest, GetLogEventsResponse> {
  return (input, call) => {
    logs.flush();
    const group = requireGroup(logs, call, input);
    requireStream(group, input.logStreamName);
    const token = input.nextToken === undefined ? undefined : parseToken(input.nextToken);
    const isBackward = token?.isBackward ?? input.startFromHead !== true;
    const { startTime: fromMs, endTime: toMs, limit = EVENTS_PER_PAGE_MAX } = input;
    const page: StoredLogEvent[] = [];
    let sizeLeft = PAGE_SIZE_BYTES_MAX;
    for (const event of logs.read(group, input.logStreamName, {
      fromMs,
      toMs,
      past: token?.position,
      isBackward,
    })) {
      sizeLeft -= event.message.length;
      if (page.length >= limit || (sizeLeft < 0 && page.length > 0)) break;
      page.push(event);
    }
    if (isBackward) page.reverse();
    const position = token?.position ?? { atMs: 0, sequence: 0, index: 0 };
    return {
      events: page.map(({ atMs: timestamp, message, ingestedAtMs: ingestionTime }) => {
        return { timestamp, message, ingestionTime };
      }),
      nextForwardToken: `f/${formatPosition(page.at(-1) ?? position)}`,
      nextBackwardToken: `b/${formatPosition(page[0] ?? position)}`,
    };
  };
}

/** 56 digits, as AWS's tokens have: the time, the batch and the place in it. */
function formatPosition({ atMs, sequence, index }: LogPosition): string {
  return [
    String(atMs).padStart(16, '0'),
    String(sequence).padStart(20, '0'),
    String(index).padStart(20, '0'),
  ].join('');
}

function parseToken(token: string): { readonly isBackward: boolean; readonly position: LogPosition } {
  const match = /^([fb])\/(\d{16})(\d{20})(\d{20})$/.exec(token);
  if (match === null) throw invalidParameter('The specified nextToken is invalid.');
  const [, direction, atMs, sequence, index] = match;
  return {
    isBackward: direction === 'b',
    position: { atMs: Number(atMs), sequence: Number(sequence), index: Number(index) },
  };
}
