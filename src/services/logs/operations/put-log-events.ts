import type { InputLogEvent, PutLogEventsRequest, PutLogEventsResponse } from '../../../api/logs.ts';
import { diskIsFull, invalidParameter } from '../errors.ts';
import * as limits from '../limits.ts';
import { requireGroup, requireStream } from '../resolve.ts';
import type { Handler } from '../../service.ts';
import type { LogsDependencies } from '../service.ts';

/** Events that are too old or too new are left out and named; the rest of the batch is kept. */
export function putLogEvents({
  logs,
  loop,
}: LogsDependencies): Handler<PutLogEventsRequest, PutLogEventsResponse> {
  return (input, call) => {
    const { logEvents: events, logStreamName } = input;
    requireBatch(events);
    if (!loop.store.acceptsWrites) throw diskIsFull();
    const group = requireGroup(logs, call, input);
    requireStream(group, logStreamName);
    const now = loop.clock.now();
    const { retentionDays = Infinity } = group.record;
    const expiredMs = now - retentionDays * limits.DAY_MS;
    const oldestMs = Math.max(expiredMs, now - limits.EVENT_AGE_MS_MAX);
    const first = countUntil(events, ({ timestamp }) => timestamp >= oldestMs);
    const end = countUntil(events, ({ timestamp }) => timestamp > now + limits.EVENT_AHEAD_MS_MAX);
    const kept = events.slice(first, end).map(({ timestamp: atMs, message }) => ({ atMs, message }));
    if (kept.length > 0) call.turn((turn) => logs.put(turn, group, logStreamName, kept));
    const isExpired = expiredMs > now - limits.EVENT_AGE_MS_MAX;
    return {
      // Tokens have meant nothing since 2023, but clients still expect one.
      nextSequenceToken: '1',
      ...(kept.length === events.length
        ? {}
        : {
            rejectedLogEventsInfo: {
              ...(first === 0
                ? {}
                : { [isExpired ? 'expiredLogEventEndIndex' : 'tooOldLogEventEndIndex']: first }),
              ...(end === events.length ? {} : { tooNewLogEventStartIndex: end }),
            },
          }),
    };
  };
}

function countUntil(events: readonly InputLogEvent[], test: (event: InputLogEvent) => boolean): number {
  const index = events.findIndex(test);
  return index === -1 ? events.length : index;
}

function requireBatch(events: readonly InputLogEvent[]): void {
  let sizeBytes = 0;
  let beforeMs = -Infinity;
  for (const { timestamp, message } of events) {
    if (timestamp < beforeMs) {
      throw invalidParameter('Log events in a single PutLogEvents request must be in chronological order.');
    }
    beforeMs = timestamp;
    sizeBytes += Buffer.byteLength(message) + limits.EVENT_OVERHEAD_BYTES;
  }
  if (sizeBytes > limits.BATCH_SIZE_BYTES_MAX) {
    throw invalidParameter(
      `Upload too large: ${sizeBytes} bytes exceeds limit of ${limits.BATCH_SIZE_BYTES_MAX}`,
    );
  }
  if (beforeMs - (events[0]?.timestamp ?? beforeMs) > limits.DAY_MS) {
    throw invalidParameter(
      'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
    );
  }
}
