import type { ListExecutionsInput, ListExecutionsOutput } from '../../../api/states.ts';
import { formatArn } from '../../../base/arn.ts';
import { notImplementedError } from '../../../base/errors.ts';
import { listExecutions as readExecutions } from '../../../engine/workflow/execution-log.ts';
import type { Handler } from '../../service.ts';
import { invalidPageToken, validationException } from '../errors.ts';
import { LIST_RESULTS_DEFAULT } from '../limits.ts';
import { decodePageToken, encodePageToken } from '../../page.ts';
import { pageSize, requireMachine } from '../model.ts';
import type { StatesDependencies } from '../service.ts';

export function listExecutions({
  machines,
  loop,
}: StatesDependencies): Handler<ListExecutionsInput, ListExecutionsOutput> {
  return (input) => {
    const { stateMachineArn } = input;
    if (input.mapRunArn !== undefined) throw notImplementedError('The parameter mapRunArn');
    if (input.redriveFilter !== undefined) throw notImplementedError('The parameter redriveFilter');
    if (stateMachineArn === undefined) {
      throw validationException('Must provide a StateMachine ARN or MapRun ARN');
    }
    const machine = requireMachine(machines, stateMachineArn);
    // Of child executions of a Map alone, and there are none here.
    if (input.statusFilter === 'PENDING_REDRIVE') return { executions: [] };
    const { executions, next } = readExecutions(loop.store, machine, {
      countMax: pageSize(input.maxResults, LIST_RESULTS_DEFAULT),
      status: input.statusFilter,
      after: input.nextToken === undefined ? undefined : decodePageToken(input.nextToken, invalidPageToken),
    });
    return {
      executions: executions.map(({ name, status, startedAtMs, stoppedAtMs }) => ({
        executionArn: formatArn('states', machine, `execution:${machine.name}:${name}`),
        stateMachineArn,
        name,
        status,
        startDate: startedAtMs,
        ...(stoppedAtMs === undefined ? {} : { stopDate: stoppedAtMs }),
      })),
      ...(next === undefined ? {} : { nextToken: encodePageToken(next) }),
    };
  };
}
