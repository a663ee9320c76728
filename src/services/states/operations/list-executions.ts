import type { ListExecutionsInput, ListExecutionsOutput } from '../../../api/states.ts';
import { formatArn } from '../../../base/arn.ts';
import { notImplementedError } from '../../../base/errors.ts';
import { listExecutions as readExecutions } from '../../../engine/workflow/execution-log.ts';
import type { Handler } from '../../service.ts';
import { validationException } from '../errors.ts';
import { LIST_RESULTS_DEFAULT } from '../limits.ts';
import { decodePageToken, encodePageToken, pageSize, requireMachine } from '../model.ts';
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
    const countMax = pageSize(input.maxResults, LIST_RESULTS_DEFAULT);
    const found = readExecutions(loop.store, machine, {
      countMax: countMax + 1,
      status: input.statusFilter === 'PENDING_REDRIVE' ? undefined : input.statusFilter,
      after: input.nextToken === undefined ? undefined : decodePageToken(input.nextToken),
    });
    const page = found.slice(0, countMax);
    const last = page.at(-1);
    return {
      executions: page.map(({ name, status, startedAtMs, stoppedAtMs }) => ({
        executionArn: formatArn('states', machine, `execution:${machine.name}:${name}`),
        stateMachineArn,
        name,
        status,
        startDate: startedAtMs,
        ...(stoppedAtMs === undefined ? {} : { stopDate: stoppedAtMs }),
      })),
      ...(last !== undefined && found.length > countMax ? { nextToken: encodePageToken(last.key) } : {}),
    };
  };
}
