import type { Json } from '../../../base/json.ts';
import { isPlainObject } from '../../../base/exact-json.ts';
import type { Intrinsic } from './intrinsic.ts';
import { requireArray } from './intrinsic.ts';

/** `States.ArrayUnique(array)`: the first of each set of deeply equal items, in order. */
export const arrayUnique: Intrinsic = {
  argumentCountMin: 1,
  argumentCountMax: 1,
  apply: ([list]) => {
    // By canonical text, because comparing all pairs of 100,000 items would take minutes.
    const unique = new Map<string, Json>();
    for (const item of requireArray(list)) {
      const key = canonicalText(item);
      if (!unique.has(key)) unique.set(key, item);
    }
    return [...unique.values()];
  },
};

/** The same text for equal values: the keys of objects are sorted. */
function canonicalText(value: Json): string {
  return JSON.stringify(value, (_key, member: Json) =>
    isPlainObject(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
