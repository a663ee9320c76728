/** Document paths: the way from an item to a value inside it, such as `order.lines[0].price`. */
import { type AttributeValue, attributeOf, type Item } from './attribute-value.ts';

/** Names of attributes and map entries, and indices of lists. The first is a name. */
export type DocumentPath = readonly [string, ...(string | number)[]];

/** The value at the path, or `undefined` where the way ends before. */
export function valueAt(item: Item, path: DocumentPath): AttributeValue | undefined {
  let value = attributeOf(item, path[0]);
  for (let index = 1; index < path.length && value !== undefined; index += 1) {
    const part = path[index] as string | number;
    if (typeof part === 'number') value = value.L?.[part];
    else value = value.M === undefined ? undefined : attributeOf(value.M, part);
  }
  return value;
}

/** `[a, b, [0]]`, as error messages show a path. */
export function formatPath(path: DocumentPath): string {
  return `[${path.map((part) => (typeof part === 'number' ? `[${part}]` : part)).join(', ')}]`;
}

export function pathsEqual(a: DocumentPath, b: DocumentPath): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}

/** How two paths get into each other's way: one lies on the other, or they take one value for list and map. */
function clash(a: DocumentPath, b: DocumentPath): 'overlap' | 'conflict' | undefined {
  for (let index = 0; index < a.length && index < b.length; index += 1) {
    if (typeof a[index] !== typeof b[index]) return 'conflict';
    if (a[index] !== b[index]) return undefined;
  }
  return 'overlap';
}

/**
 * Why the paths cannot be used in one expression, in AWS's words. An expression of 4 KB has at most 1,400 paths;
 * comparing only those that start with the same name keeps that cheap.
 */
export function pathClashError(paths: readonly DocumentPath[]): string | undefined {
  const byHead = new Map<string, DocumentPath[]>();
  let conflictError: string | undefined;
  for (const path of paths) {
    const others = byHead.get(path[0]) ?? [];
    for (const other of others) {
      const found = clash(other, path);
      if (found === undefined) continue;
      const what = found === 'overlap' ? 'overlap' : 'conflict';
      const message =
        `Two document paths ${what} with each other; must remove or rewrite one of these paths; ` +
        `path one: ${formatPath(other)}, path two: ${formatPath(path)}`;
      if (found === 'overlap') return message;
      conflictError ??= message;
    }
    others.push(path);
    byHead.set(path[0], others);
  }
  return conflictError;
}
