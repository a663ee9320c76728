/** Tags of zones and health checks. */
import type { Tag, TagResourceType } from '../../api/route53.ts';
import { INTERVAL_MS_MIN, INTERVAL_TAG } from '../../engine/dns/health-check-record.ts';
import type { TagRecord } from '../../engine/dns/record-set.ts';
import type { Call } from '../service.ts';
import { bareId, requireHealthCheck, requireZone } from './entities.ts';
import { invalidInterval, tagWithoutKey, tooManyTags } from './errors.ts';
import { INTERVAL_MS_MAX, TAGS_MAX } from './limits.ts';
import type { Route53Dependencies } from './service.ts';

export interface TagChange {
  readonly added: readonly Tag[];
  readonly removed: readonly string[];
}

/** `tags` without the removed ones and with the added ones over them; a tag that was there keeps its place. */
export function changeTags(tags: readonly TagRecord[], { added, removed }: TagChange): readonly TagRecord[] {
  const byKey = new Map(tags.map((tag) => [tag.key, tag]));
  for (const key of removed) byKey.delete(key);
  for (const { Key: key, Value: value = '' } of added) {
    if (!key) throw tagWithoutKey();
    byKey.set(key, { key, value });
  }
  if (byKey.size > TAGS_MAX) throw tooManyTags();
  return [...byKey.values()];
}

/** The tag that sets the interval of a health check must be a number that makes sense. */
export function requireInterval(tags: readonly TagRecord[]): void {
  const text = tags.find(({ key }) => key === INTERVAL_TAG)?.value;
  if (text === undefined) return;
  const isNumber = /^\d{1,7}$/.test(text);
  if (!isNumber || Number(text) < INTERVAL_MS_MIN || Number(text) > INTERVAL_MS_MAX) {
    throw invalidInterval(INTERVAL_MS_MIN, INTERVAL_MS_MAX);
  }
}

export function toTags(tags: readonly TagRecord[]): Tag[] {
  return tags.map(({ key, value }) => ({ Key: key, Value: value }));
}

/** The tags of a zone or a health check, and the id that they are listed under. */
export function tagsOf(
  deps: Route53Dependencies,
  call: Call,
  { type, id }: { readonly type: TagResourceType; readonly id: string },
): { readonly id: string; readonly tags: readonly TagRecord[] } {
  if (type === 'healthcheck') return { id, tags: requireHealthCheck(deps, call, id).tags };
  return { id: bareId(id), tags: requireZone(deps, call, id).record.tags };
}
