/** Finds the log groups and streams that requests name, and adds tags. */
import { parseArn } from '../../base/arn.ts';
import type { LogStreamRecord } from '../../engine/log-store/log-record.ts';
import type { LogGroup, LogStore } from '../../engine/log-store/log-store.ts';
import type { Call } from '../service.ts';
import type { Tags } from '../tags.ts';
import { groupNotFound, invalidParameter, streamNotFound, tooManyTags } from './errors.ts';
import { TAGS_MAX } from './limits.ts';

export interface GroupNames {
  readonly logGroupName?: string | undefined;
  /** A name or an ARN, with or without `:*` behind it. */
  readonly logGroupIdentifier?: string | undefined;
}

export function requireGroup(logs: LogStore, call: Call, names: GroupNames): LogGroup {
  const { logGroupName, logGroupIdentifier } = names;
  if (logGroupName !== undefined && logGroupIdentifier !== undefined) {
    throw invalidParameter('LogGroup name and LogGroup identifier are mutually exclusive parameters.');
  }
  const named = logGroupName ?? logGroupIdentifier;
  if (named === undefined) {
    throw invalidParameter('Either LogGroup name or LogGroup identifier is required.');
  }
  // What a function has written is there before anybody can ask for it.
  logs.flush();
  const arn = parseArn(named);
  const name = arn === undefined ? named : arn.resource.replace(/^log-group:/, '').replace(/:\*$/, '');
  const group = logs.get(arn ?? call.scope, name);
  if (group === undefined) throw groupNotFound();
  return group;
}

export function requireStream(group: LogGroup, name: string): LogStreamRecord {
  const stream = group.streams.get(name);
  if (stream === undefined) throw streamNotFound();
  return stream;
}

export function addTags(before: Tags, added: Tags): Tags {
  const tags = { ...before, ...added };
  if (Object.keys(tags).length > TAGS_MAX) throw tooManyTags(TAGS_MAX);
  return tags;
}
