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

/** True when all clauses hold together for the event whose values the nodes hold. */
export function isSatisfied(clauses: readonly BoundClause[]): boolean {
  let inArrays = 0;
  let undecided = false;
  for (const { clause, node } of clauses) {
    const leaves = node.leaves;
    if (leaves === undefined) {
      if (!clause.acceptsAbsence) return false;
      continue;
    }
    const inArray = leaves.some((leaf) => leaf.element !== undefined);
    if (inArray) inArrays += 1;
    if (leaves.some((leaf) => clause.test(leaf))) continue;
    // Absence can still hold in an array: in the element that the other clauses chose.
    if (!inArray || !clause.acceptsAbsence) return false;
    undecided = true;
  }
  return (inArrays < 2 && !undecided) || holdTogether(clauses);
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
  const chosen = new Enclosure(frontier);
  const reached = new Set<ArrayElement | undefined>();
  for (const leaf of leaves) {
    if (!clause.test(leaf)) continue;
    const shared = truncate(leaf.element, depth);
    if (chosen.has(shared)) next.add(leaf.element);
    else reached.add(shared);
  }
  addEnclosed(next, frontier, new Enclosure(reached));
  if (clause.acceptsAbsence) addWhereAbsent(next, { frontier, leaves, depth });
  return next;
}

function addEnclosed(next: Set<ArrayElement | undefined>, frontier: Frontier, enclosure: Enclosure): void {
  for (const element of frontier) if (enclosure.has(element)) next.add(element);
}

/** Keeps the elements that agree with no value of the field. */
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
  const enclosure = new Enclosure(present);
  for (const element of frontier) {
    if (!around.has(element) && !enclosure.has(element)) next.add(element);
  }
}

/**
 * Tells whether an element lies in one of a set. Verdicts are kept for all elements on the way up, so that many
 * values deep in nested arrays cost one step each and not one climb each.
 */
class Enclosure {
  readonly #elements: Frontier;
  readonly #known = new Map<ArrayElement, boolean>();

  constructor(elements: Frontier) {
    this.#elements = elements;
  }

  has(element: ArrayElement | undefined): boolean {
    let outer = element;
    let verdict = this.#verdict(outer);
    while (outer !== undefined && verdict === undefined) {
      outer = outer.parent;
      verdict = this.#verdict(outer);
    }
    const enclosed = verdict === true;
    for (let inner = element; inner !== undefined && inner !== outer; inner = inner.parent) {
      this.#known.set(inner, enclosed);
    }
    return enclosed;
  }

  #verdict(element: ArrayElement | undefined): boolean | undefined {
    if (this.#elements.has(element)) return true;
    return element === undefined ? undefined : this.#known.get(element);
  }
}

/** The innermost element around it whose array lies at most so deep. */
function truncate(element: ArrayElement | undefined, depth: number): ArrayElement | undefined {
  let outer = element;
  while (outer !== undefined && outer.depth > depth) outer = outer.above;
  return outer;
}
