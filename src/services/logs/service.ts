/** Amazon CloudWatch Logs: the table of its operations. */
import type { LogsOperations } from '../../api/logs.ts';
import type { LogStore } from '../../engine/log-store/log-store.ts';
import type { Loop } from '../../engine/loop.ts';
import type { HandlerTable, Service } from '../service.ts';
import { NOT_BUILT } from './not-built.ts';
import { createLogGroup } from './operations/create-log-group.ts';
import { createLogStream } from './operations/create-log-stream.ts';
import { deleteLogGroup } from './operations/delete-log-group.ts';
import { deleteLogStream } from './operations/delete-log-stream.ts';
import { deleteRetentionPolicy } from './operations/delete-retention-policy.ts';
import { describeLogGroups } from './operations/describe-log-groups.ts';
import { describeLogStreams } from './operations/describe-log-streams.ts';
import { filterLogEvents } from './operations/filter-log-events.ts';
import { getLogEvents } from './operations/get-log-events.ts';
import { listTagsForResource } from './operations/list-tags-for-resource.ts';
import { listTagsLogGroup } from './operations/list-tags-log-group.ts';
import { putLogEvents } from './operations/put-log-events.ts';
import { putRetentionPolicy } from './operations/put-retention-policy.ts';
import { tagLogGroup } from './operations/tag-log-group.ts';
import { tagResource } from './operations/tag-resource.ts';
import { untagLogGroup } from './operations/untag-log-group.ts';
import { untagResource } from './operations/untag-resource.ts';

export interface LogsDependencies {
  readonly loop: Loop;
  readonly logs: LogStore;
}

export function createLogsService(dependencies: LogsDependencies): Service {
  return {
    id: 'logs',
    handlers: {
      CreateLogGroup: createLogGroup(dependencies),
      CreateLogStream: createLogStream(dependencies),
      DeleteLogGroup: deleteLogGroup(dependencies),
      DeleteLogStream: deleteLogStream(dependencies),
      DeleteRetentionPolicy: deleteRetentionPolicy(dependencies),
      DescribeLogGroups: describeLogGroups(dependencies),
      DescribeLogStreams: describeLogStreams(dependencies),
      FilterLogEvents: filterLogEvents(dependencies),
      GetLogEvents: getLogEvents(dependencies),
      ListTagsForResource: listTagsForResource(dependencies),
      ListTagsLogGroup: listTagsLogGroup(dependencies),
      PutLogEvents: putLogEvents(dependencies),
      PutRetentionPolicy: putRetentionPolicy(dependencies),
      TagLogGroup: tagLogGroup(dependencies),
      TagResource: tagResource(dependencies),
      UntagLogGroup: untagLogGroup(dependencies),
      UntagResource: untagResource(dependencies),
      ...NOT_BUILT,
    } satisfies HandlerTable<LogsOperations>,
  };
}
