/** Tags: a list in the API, a map in records. */
import type { Tag } from '../../api/events.ts';
import { validationError } from './errors.ts';
import { TAGS_MAX } from './limits.ts';

export function toTags(tags: readonly Tag[] | undefined, before: Readonly<Record<string, string>> = {}) {
  const merged = new Map(Object.entries(before));
  for (const { Key: name, Value: value } of tags ?? []) merged.set(name, value);
  if (merged.size > TAGS_MAX) throw validationError(`A resource may have ${TAGS_MAX} tags.`);
  return Object.fromEntries(merged);
}

export function fromTags(tags: Readonly<Record<string, string>>): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
