/** What a pattern asks of one field: any of some operators, or the absence of a value. */
import type { Leaf } from './leaf.ts';
import { ABSENT } from './operators/exists.ts';
import type { Anchor, Operator } from './operators/operator.ts';

export class Clause {
  /** `detail.state`, as AWS joins it: keys with dots in them are the same as nested keys. */
  readonly path: string;
  readonly segments: readonly string[];
  /** The JSON text of the list in the pattern. */
  readonly expected: string;
  /** A missing field satisfies it: `{"exists": false}` is among the operators. */
  readonly acceptsAbsence: boolean;
  /** Keys for an index; `undefined` when a missing field could satisfy it, which no value can announce. */
  readonly anchors: readonly Anchor[] | undefined;
  /** Most operators are plain strings: one set answers for all of them, however many. */
  readonly #strings: ReadonlySet<string>;
  readonly #operators: readonly Operator[];

  constructor(path: string, operators: readonly Operator[], expected: string) {
    this.path = path;
    this.segments = path.split('.');
    this.expected = expected;
    this.acceptsAbsence = operators.includes(ABSENT);
    this.anchors = this.acceptsAbsence ? undefined : distinctAnchors(operators);
    const strings = new Set<string>();
    const others: Operator[] = [];
    for (const operator of operators) {
      if (operator.anchor.kind === 'string') strings.add(operator.anchor.text);
      else if (operator !== ABSENT) others.push(operator);
    }
    this.#strings = strings;
    this.#operators = others;
  }

  test(leaf: Leaf): boolean {
    if (leaf.kind === 'string' && this.#strings.has(leaf.text)) return true;
    for (const operator of this.#operators) {
      if (operator.test(leaf)) return true;
    }
    return false;
  }

  /** Orders clauses so that those below one object are neighbours. */
  static compare(this: void, a: Clause, b: Clause): number {
    const shared = sharedDepth(a, b);
    const left = a.segments[shared];
    const right = b.segments[shared];
    if (left === undefined || right === undefined) return a.segments.length - b.segments.length;
    return left < right ? -1 : 1;
  }
}

/** How many leading segments two paths have in common. */
export function sharedDepth(a: Clause, b: Clause): number {
  const most = Math.min(a.segments.length, b.segments.length);
  let depth = 0;
  while (depth < most && a.segments[depth] === b.segments[depth]) depth += 1;
  return depth;
}

/** The keys to look a clause up by: `present` alone where one operator needs it, for it covers the others. */
function distinctAnchors(operators: readonly Operator[]): readonly Anchor[] {
  const present = operators.find(({ anchor }) => anchor.kind === 'present');
  if (present !== undefined) return [present.anchor];
  const distinct = new Map<string, Anchor>();
  for (const { anchor } of operators) {
    const key = anchor.kind === 'number' ? `number ${anchor.value}` : anchor.kind + textOf(anchor);
    distinct.set(key, anchor);
  }
  return [...distinct.values()];
}

function textOf(anchor: Anchor): string {
  return 'text' in anchor ? ` ${anchor.text}` : '';
}
