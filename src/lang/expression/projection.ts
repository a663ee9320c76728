/** Projections: which parts of an item an answer shows. */
import { type AttributeValue, attributeOf, type Item, itemOf } from './attribute-value.ts';
import { expressionError } from './errors.ts';
import { Parser } from './parser.ts';
import { type DocumentPath, pathClashError } from './path.ts';
import { byIndex, createPathTree, type PathTree } from './path-tree.ts';
import type { Substitutions } from './substitutions.ts';

export interface CompiledProjection {
  readonly paths: readonly DocumentPath[];
  /** The parts of the item that lie on the paths; lists keep the order of what is left of them. */
  readonly project: (item: Item) => Item;
}

/** Throws `ValidationException` in AWS's words. */
export function compileProjection(text: string, substitutions: Substitutions): CompiledProjection {
  const parser = new Parser('ProjectionExpression', text);
  const nodes = parser.parseList(() => parser.parsePath());
  parser.end();
  const paths = nodes.map((node) => substitutions.path('ProjectionExpression', node));
  const error = pathClashError(paths);
  if (error !== undefined) throw expressionError('ProjectionExpression', error);
  return { paths, project: projectionOf(paths) };
}

/** The projection onto paths that do not overlap. */
export function projectionOf(paths: readonly DocumentPath[]): (item: Item) => Item {
  const tree = createPathTree(paths.map((path) => [path, true] as const));
  return (item) => projectMap(item, tree);
}

function projectMap(item: Item, node: PathTree<true>): Item {
  const entries: [string, AttributeValue][] = [];
  for (const [name, child] of node.children) {
    const value = attributeOf(item, String(name));
    const projected = value === undefined ? undefined : projectValue(value, child);
    if (projected !== undefined) entries.push([String(name), projected]);
  }
  return itemOf(entries);
}

function projectValue(value: AttributeValue, node: PathTree<true>): AttributeValue | undefined {
  if (node.leaf) return value;
  const indexed = byIndex(node);
  if (indexed.length === 0) {
    if (value.M === undefined) return undefined;
    const map = projectMap(value.M, node);
    return Object.keys(map).length === 0 ? undefined : { M: map };
  }
  const list: AttributeValue[] = [];
  for (const [index, child] of indexed) {
    const element = value.L?.[index];
    const projected = element === undefined ? undefined : projectValue(element, child);
    if (projected !== undefined) list.push(projected);
  }
  return list.length === 0 ? undefined : { L: list };
}
