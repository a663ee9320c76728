/**
 * Decides whether the values of an event satisfy all clauses of an alternative at once. Most fields lie in no
 * array, and then each clause is a question of its own. Conditions below one array must hold in the same element:
 * the clauses are taken in path order, and a frontier keeps the elements that satisfied all clauses so far.
 * Elements of nested arrays form chains, so each step costs no more than the values involved.
 */
import type { Clause } from './clause.ts';
import { sharedDepth } from './clause.ts';
import type { FieldNode } from './flatten.ts';
import type { ArrayElement, Leaf } from './leaf.ts';

/** A clause and the place where the values of its field are found. */
export interface BoundClause {
  readonly clause: Clause;
  readonly node: FieldNode;
}

/** The element in which the clauses so far hold; `undefined` = they bind no array. */
type Frontier = ReadonlySet<ArrayElement | undefined>;

const NO_LEAVES: readonly Leaf[] = [];

export function isSatisfied(clauses: readonly BoundClause[]): boolean {
  let arrays = 0;
  for (const { clause, node } of clauses) {
    const leaves = node.leaves;
    if (leaves === undefined) {
      if (!clause.acceptsAbsence) return false;
      continue;
    }
    const inArray = leaves.some((leaf) => leaf.element !== undefined);
    if (inArray) arrays += 1;
    // Absence can still hold in an array: in the element that the other clauses chose.
    if (!(inArray && clause.acceptsAbsence) && !leaves.some((leaf) => clause.test(leaf))) return false;
  }
  return arrays === 0 || clauses.length === 1 ? arrays === 0 || firstHolds(clauses) : holdTogether(clauses);
}

function firstHolds(clauses: readonly BoundClause[]): boolean {
  return clauses.every(({ clause, node }) => (node.leaves ?? NO_LEAVES).some((leaf) => clause.test(leaf)));
}

function holdTogether(clauses: readonly BoundClause[]): boolean {
  let frontier: Frontier = new Set([undefined]);
  let previous: Clause | undefined;
  for (const { clause, node } of clauses) {
    // Arrays that do not lie above both paths bind nothing any more.
    const depth = previous === undefined ? 0 : sharedDepth(previous, clause);
    frontier = new Set(Array.from(frontier, (element) => truncate(element, depth)));
    frontier = advance(frontier, { clause, leaves: node.leaves ?? NO_LEAVES, depth });
    if (frontier.size === 0) return false;
    previous = clause;
  }
  return true;
}

interface Step {
  readonly clause: Clause;
  readonly leaves: readonly Leaf[];
  readonly depth: number;
}

/** The elements that satisfy one clause more. */
function advance(frontier: Frontier, { clause, leaves, depth }: Step): Frontier {
  const next = new Set<ArrayElement | undefined>();
  // Two elements agree when one lies in the other, or is it.
  const reached = new Set<ArrayElement | undefined>();
  for (const leaf of leaves) {
    if (!clause.test(leaf)) continue;
    const shared = truncate(leaf.element, depth);
    if (liesInAny(shared, frontier)) next.add(leaf.element);
    else reached.add(shared);
  }
  if (reached.size > 0) {
    for (const element of frontier) if (liesInAny(element, reached)) next.add(element);
  }
  if (clause.acceptsAbsence) addWhereAbsent(next, { frontier, leaves, depth });
  return next;
}

function addWhereAbsent(
  next: Set<ArrayElement | undefined>,
  { frontier, leaves, depth }: Omit<Step, 'clause'> & { readonly frontier: Frontier },
): void {
  const present = new Set(leaves.map((leaf) => truncate(leaf.element, depth)));
  const around = new Set<ArrayElement | undefined>();
  for (const element of present) {
    for (let outer = element; outer !== undefined && !around.has(outer); outer = outer.parent) {
      around.add(outer);
    }
    around.add(undefined);
  }
  for (const element of frontier) {
    if (!around.has(element) && !liesInAny(element, present)) next.add(element);
  }
}

/** True when the element, or one around it, or "no array" is in the set. */
function liesInAny(element: ArrayElement | undefined, set: Frontier): boolean {
  for (let outer = element; outer !== undefined; outer = outer.parent) if (set.has(outer)) return true;
  return set.has(undefined);
}

/** The innermost element around it whose array lies at most so deep. */
function truncate(element: ArrayElement | undefined, depth: number): ArrayElement | undefined {
  let outer = element;
  while (outer !== undefined && outer.depth > depth) outer = outer.parent;
  return outer;
}
