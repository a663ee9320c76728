/** Tags of tables. */
import type { Tag } from '../../api/dynamodb.ts';
import * as errors from './errors.ts';
import { TABLE_TAGS_MAX } from './limits.ts';

/** The tags that a table has after `added` came to `before`. */
export function toTags(
  added: readonly Tag[],
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const tags = new Map(Object.entries(before));
  for (const { Key: key, Value: value } of added) tags.set(key, value);
  if (tags.size > TABLE_TAGS_MAX) throw errors.tooManyTags();
  return Object.fromEntries(tags);
}
