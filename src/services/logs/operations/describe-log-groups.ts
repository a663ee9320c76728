import type { DescribeLogGroupsRequest, DescribeLogGroupsResponse } from '../../../api/logs.ts';
import { notImplementedError } from '../../../base/errors.ts';
import { groupArn } from '../../../engine/log-store/log-record.ts';
import { invalidParameter } from '../errors.ts';
import { paginate } from '../paginate.ts';
import type { Handler } from '../../service.ts';
import type { LogsDependencies } from '../service.ts';

export function describeLogGroups({
  logs,
}: LogsDependencies): Handler<DescribeLogGroupsRequest, DescribeLogGroupsResponse> {
  return (input, call) => {
    if ((input.accountIdentifiers ?? []).length > 0)
      throw notImplementedError('Log groups of linked accounts');
    const {
      logGroupNamePrefix: prefix,
      logGroupNamePattern: pattern,
      logGroupIdentifiers: identifiers,
    } = input;
    if (prefix !== undefined && pattern !== undefined) {
      throw invalidParameter(
        'LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.',
      );
    }
    logs.flush();
    const lowerPattern = pattern?.toLowerCase();
    const groups = logs.list(call.scope).filter(({ record }) => {
      const { name } = record;
      if (identifiers !== undefined && !identifiers.some((id) => id === name || id === groupArn(record)))
        return false;
      if (prefix !== undefined) return name.startsWith(prefix);
      return lowerPattern === undefined || name.toLowerCase().includes(lowerPattern);
    });
    const page = paginate(groups, { nameOf: ({ record }) => record.name }, input);
    return {
      logGroups: page.items.map(({ record }) => ({
        logGroupName: record.name,
        creationTime: record.createdAtMs,
        ...(record.retentionDays === undefined ? {} : { retentionInDays: record.retentionDays }),
        metricFilterCount: 0,
        arn: `${groupArn(record)}:*`,
        storedBytes: 0,
        logGroupClass: 'STANDARD' as const,
        logGroupArn: groupArn(record),
      })),
      ...page.next,
    };
  };
}
