/** Tags of roles, users and policies: their keys are unique whatever the case. */
import type { Tag } from '../../api/iam.ts';
import type { TagRecord } from '../../engine/identity/identity-record.ts';
import { duplicateTagKeys, tooManyTags } from './errors.ts';
import { TAGS_MAX } from './limits.ts';
import { type PageRequest, paginate } from './paginate.ts';

/** `tags` with `added` over them; a tag that was there keeps its place. */
export function addTags(tags: readonly TagRecord[], added: readonly Tag[] = []): readonly TagRecord[] {
  const byKey = new Map(tags.map((tag) => [tag.key.toLowerCase(), tag]));
  if (new Set(added.map(({ Key }) => Key.toLowerCase())).size < added.length) throw duplicateTagKeys();
  for (const { Key, Value } of added) byKey.set(Key.toLowerCase(), { key: Key, value: Value });
  if (byKey.size > TAGS_MAX) throw tooManyTags();
  return [...byKey.values()];
}

export function removeTags(tags: readonly TagRecord[], keys: readonly string[]): readonly TagRecord[] {
  const removed = new Set(keys.map((key) => key.toLowerCase()));
  return tags.filter((tag) => !removed.has(tag.key.toLowerCase()));
}

function toTags(tags: readonly TagRecord[]): Tag[] {
  return tags.map(({ key, value }) => ({ Key: key, Value: value }));
}

/** The `Tags` member of an entity, which AWS leaves out where there are none. */
export function tagsMember(tags: readonly TagRecord[]): { Tags?: Tag[] } {
  return tags.length === 0 ? {} : { Tags: toTags(tags) };
}

/** What the operations `List...Tags` answer. */
export function listTags(
  tags: readonly TagRecord[],
  request: PageRequest,
): { Tags: Tag[]; IsTruncated: boolean; Marker?: string } {
  const sorted = tags.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const page = paginate(sorted, request, ({ key }) => key);
  return { Tags: toTags(page.items), ...page.rest };
}
