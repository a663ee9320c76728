/** Document paths joined where they share their beginnings, so that one walk over an item serves them all. */
import type { DocumentPath } from './path.ts';

export interface PathTree<Leaf> {
  /** Set where a path ends; the paths of one expression do not overlap, so nothing lies below. */
  leaf: Leaf | undefined;
  readonly children: Map<string | number, PathTree<Leaf>>;
}

export function createPathTree<Leaf>(
  entries: Iterable<readonly [path: DocumentPath, leaf: Leaf]>,
): PathTree<Leaf> {
  const root: PathTree<Leaf> = { leaf: undefined, children: new Map() };
  for (const [path, leaf] of entries) {
    let node = root;
    for (const part of path) {
      let child = node.children.get(part);
      if (child === undefined) node.children.set(part, (child = { leaf: undefined, children: new Map() }));
      node = child;
    }
    node.leaf = leaf;
  }
  return root;
}

/** The children of a list's node, by index. */
export function byIndex<Leaf>(node: PathTree<Leaf>): [index: number, child: PathTree<Leaf>][] {
  const children: [number, PathTree<Leaf>][] = [];
  for (const [part, child] of node.children) if (typeof part === 'number') children.push([part, child]);
  return children.toSorted((a, b) => a[0] - b[0]);
}
