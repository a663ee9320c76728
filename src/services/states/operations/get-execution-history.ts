import type { GetExecutionHistoryInput, GetExecutionHistoryOutput } from '../../../api/states.ts';
import { parseExecutionArn } from '../../../engine/workflow/execution-record.ts';
import { readHistory } from '../../../engine/workflow/execution-log.ts';
import { toHistoryEvent } from '../../../engine/workflow/history.ts';
import type { Handler } from '../../service.ts';
import { executionDoesNotExist, invalidPageToken } from '../errors.ts';
import { HISTORY_RESULTS_DEFAULT } from '../limits.ts';
import { decodePageToken, encodePageToken } from '../../page.ts';
import { pageSize, requireExecution } from '../model.ts';
import type { StatesDependencies } from '../service.ts';

export function getExecutionHistory({
  executions,
  loop,
}: StatesDependencies): Handler<GetExecutionHistoryInput, GetExecutionHistoryOutput> {
  return (input, call) => {
    const { executionArn, reverseOrder = false, includeExecutionData = true } = input;
    const { position } = requireExecution(executions, executionArn);
    const place = parseExecutionArn(executionArn);
    if (place === undefined) throw executionDoesNotExist(executionArn);
    call.readAt(position);
    const { events, next } = readHistory(loop.store, place, {
      countMax: pageSize(input.maxResults, HISTORY_RESULTS_DEFAULT),
      isReverse: reverseOrder,
      ...(input.nextToken === undefined ? {} : { from: eventIdOf(input.nextToken) }),
    });
    return {
      events: events.map((event) => toHistoryEvent(event, includeExecutionData)),
      ...(next === undefined ? {} : { nextToken: encodePageToken(String(next)) }),
    };
  };
}

function eventIdOf(token: string): number {
  const id = Number(decodePageToken(token, invalidPageToken));
  if (!Number.isSafeInteger(id) || id < 1) throw invalidPageToken();
  return id;
}
