/** Tags as all services keep them: a value by its key. Keys are the callers' texts, `__proto__` among them. */

export type Tags = Readonly<Record<string, string>>;

export function withoutTags(tags: Tags, keys: readonly string[]): Tags {
  const removed = new Set(keys);
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !removed.has(key)));
}
