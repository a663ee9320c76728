/**
 * Matches events against one pattern, and against many through an index.
 *
 * `PatternIndex` files each alternative of a rule under an anchor: the keys of one of its clauses, chosen so that
 * few others share them (the source or the detail type of an event as a rule). An event then looks up its own
 * values, and only alternatives found that way are checked in full: the cost grows with the event, not with the
 * rules. Rules that ask nothing of the detail never cause it to be read.
 *
 * The bus and the pipes call it. Changes are synchronous and made to the maps in place, as is matching, so no
 * reader ever sees half of one; there is nothing to rebuild when a rule comes or goes.
 */
import { AnchorTable } from './anchors.ts';
import type { EventView } from './event.ts';
import type { FieldNode } from './flatten.ts';
import { FieldTrie } from './flatten.ts';
import type { Alternative, CompiledPattern } from './pattern.ts';
import type { BoundClause } from './satisfy.ts';
import { isSatisfied } from './satisfy.ts';

interface BoundPattern {
  readonly trie: FieldTrie;
  readonly alternatives: readonly (readonly BoundClause[])[];
}

/** Patterns used on their own, such as a pipe's filters, keep the fields they look for. */
const boundPatterns = new WeakMap<CompiledPattern, BoundPattern>();

function bindPattern(compiled: CompiledPattern): BoundPattern {
  let bound = boundPatterns.get(compiled);
  if (bound === undefined) {
    const trie = new FieldTrie();
    bound = { trie, alternatives: compiled.alternatives.map((alternative) => bind(trie, alternative)) };
    boundPatterns.set(compiled, bound);
  }
  return bound;
}

function bind(trie: FieldTrie, alternative: Alternative): BoundClause[] {
  return alternative.map((clause) => ({ clause, node: trie.add(clause.segments) }));
}

/** True when the event satisfies the pattern. */
export function matches(compiled: CompiledPattern, event: EventView): boolean {
  return withLeaves(compiled, event, (alternatives) => alternatives.some((clauses) => isSatisfied(clauses)));
}

/** Calls back while the clauses of the pattern are bound to the values of the event. */
export function withLeaves<T>(
  compiled: CompiledPattern,
  event: EventView,
  inspect: (alternatives: readonly (readonly BoundClause[])[]) => T,
): T {
  const { trie, alternatives } = bindPattern(compiled);
  try {
    trie.collectEnvelope(event);
    trie.collectText(event);
    return inspect(alternatives);
  } finally {
    trie.release();
  }
}

interface IndexedRule {
  readonly ruleId: string;
  readonly compiled: CompiledPattern;
  readonly order: number;
  readonly entries: readonly IndexEntry[];
}

/** One alternative of a rule in the index. */
export interface IndexEntry {
  readonly ruleId: string;
  readonly clauses: readonly BoundClause[];
  /** The clause that it is filed under; `undefined` when every event has to check it. */
  readonly anchor: BoundClause | undefined;
  readonly needsDetail: boolean;
}

/** Which of many rules match an event, at a cost that grows with the event and not with the rules. */
export class PatternIndex {
  readonly #rules = new Map<string, IndexedRule>();
  readonly #trie = new FieldTrie();
  readonly #tables = new Map<FieldNode, AnchorTable<IndexEntry>>();
  /** Entries that no value announces: those that only ask for absence. */
  readonly #unanchored = new Set<IndexEntry>();
  /** Tables below `detail`: while there are none, the detail is read for found candidates alone. */
  #detailTableCount = 0;
  #nextOrder = 0;

  get size(): number {
    return this.#rules.size;
  }

  /** Adds a rule, or replaces the pattern of the rule that has this id. */
  add(ruleId: string, compiled: CompiledPattern): void {
    const order = this.#rules.get(ruleId)?.order ?? this.#nextOrder;
    this.delete(ruleId);
    this.#nextOrder = Math.max(this.#nextOrder, order + 1);
    const entries = compiled.alternatives.map((alternative) => this.#file(ruleId, alternative));
    this.#rules.set(ruleId, { ruleId, compiled, order, entries });
  }

  /** Forgets a rule; false when there was none. */
  delete(ruleId: string): boolean {
    const rule = this.#rules.get(ruleId);
    if (rule === undefined) return false;
    for (const entry of rule.entries) this.#unfile(entry);
    return this.#rules.delete(ruleId);
  }

  /** The pattern of a rule. */
  get(ruleId: string): CompiledPattern | undefined {
    return this.#rules.get(ruleId)?.compiled;
  }

  /** The ids of the matching rules, in the order in which the rules were added. */
  match(event: EventView): string[] {
    try {
      const candidates = this.#candidates(event);
      if (candidates.length === 0) return [];
      return this.#verify(candidates);
    } finally {
      this.#trie.release();
    }
  }

  /** How the rules are filed, for people and tests: `print.ts` turns it into text. */
  *entries(): Generator<IndexEntry> {
    for (const rule of this.#rules.values()) yield* rule.entries;
  }

  /** The entries that the event's values announce; afterwards all their fields are collected. */
  #candidates(event: EventView): IndexEntry[] {
    const trie = this.#trie;
    const candidates: IndexEntry[] = [...this.#unanchored];
    const whole = !trie.collectEnvelope(event);
    const first = trie.touched.length;
    for (let index = 0; index < first; index += 1) this.#lookUp(trie.touched[index], candidates);
    if (whole || this.#detailTableCount > 0 || candidates.some((entry) => entry.needsDetail)) {
      trie.collectText(event);
      for (let index = first; index < trie.touched.length; index += 1) {
        this.#lookUp(trie.touched[index], candidates);
      }
    }
    return candidates;
  }

  #lookUp(node: FieldNode | undefined, candidates: IndexEntry[]): void {
    if (node === undefined) return;
    const table = this.#tables.get(node);
    const leaves = node.leaves;
    if (table === undefined || leaves === undefined) return;
    table.findPresent(candidates);
    // A long array that repeats a value must not announce the same entries again and again.
    const seen = leaves.length > LEAVES_WITH_REPEATS_MAX ? new Set<string>() : undefined;
    for (const leaf of leaves) {
      const key = seen === undefined ? '' : `${leaf.kind} ${leaf.text}`;
      if (seen?.has(key) === true) continue;
      seen?.add(key);
      table.find(leaf, candidates);
    }
  }

  #verify(candidates: readonly IndexEntry[]): string[] {
    const matched = new Set<string>();
    // Values in arrays can announce an entry more than once.
    const checked = new Set<IndexEntry>();
    for (const entry of candidates) {
      if (checked.has(entry) || matched.has(entry.ruleId)) continue;
      checked.add(entry);
      if (isSatisfied(entry.clauses)) matched.add(entry.ruleId);
    }
    const found = [...matched];
    return found.length < 2 ? found : found.sort((a, b) => this.#order(a) - this.#order(b));
  }

  #order(ruleId: string): number {
    return this.#rules.get(ruleId)?.order ?? 0;
  }

  #file(ruleId: string, alternative: Alternative): IndexEntry {
    const clauses = bind(this.#trie, alternative);
    const anchor = this.#chooseAnchor(clauses);
    const needsDetail = clauses.some(({ clause }) => clause.segments[0] === 'detail');
    const entry: IndexEntry = { ruleId, clauses, anchor, needsDetail };
    if (anchor === undefined) {
      this.#unanchored.add(entry);
      return entry;
    }
    let table = this.#tables.get(anchor.node);
    if (table === undefined) {
      table = new AnchorTable();
      this.#tables.set(anchor.node, table);
      if (isBelowDetail(anchor)) this.#detailTableCount += 1;
    }
    for (const key of anchor.clause.anchors ?? []) table.add(key, entry);
    return entry;
  }

  #unfile(entry: IndexEntry): void {
    const { anchor } = entry;
    const table = anchor === undefined ? undefined : this.#tables.get(anchor.node);
    if (anchor === undefined) this.#unanchored.delete(entry);
    else if (table !== undefined) {
      for (const key of anchor.clause.anchors ?? []) table.delete(key, entry);
      if (table.isEmpty) {
        this.#tables.delete(anchor.node);
        if (isBelowDetail(anchor)) this.#detailTableCount -= 1;
      }
    }
    for (const { clause } of entry.clauses) this.#trie.remove(clause.segments);
  }

  /** The clause whose keys are shared by the fewest entries; of the envelope where that is nearly as good. */
  #chooseAnchor(clauses: readonly BoundClause[]): BoundClause | undefined {
    let best: BoundClause | undefined;
    let bestCost = Infinity;
    for (const bound of clauses) {
      const { anchors } = bound.clause;
      if (anchors === undefined) continue;
      const table = this.#tables.get(bound.node);
      // Once some rule has the detail read for every event, further ones cost nothing more.
      let cost = isBelowDetail(bound) && this.#detailTableCount === 0 ? DETAIL_COST : 0;
      for (const key of anchors) {
        // Prefixes and mere presence announce an entry to many events that it does not match.
        cost = Math.max(cost, (table?.count(key) ?? 0) + ANCHOR_COST[key.kind]);
      }
      if (cost < bestCost) {
        best = bound;
        bestCost = cost;
      }
    }
    return best;
  }
}

/** Fewer values of one field than this are looked up without asking whether they repeat. */
const LEAVES_WITH_REPEATS_MAX = 8;

/** Reading the detail is worth as much as checking so many entries that turn out not to match. */
const DETAIL_COST = 8;

const ANCHOR_COST = {
  string: 0,
  number: 0,
  ip: 0,
  folded: 1,
  literal: 4,
  prefix: 2,
  suffix: 2,
  present: 1000,
};

function isBelowDetail({ clause }: BoundClause): boolean {
  return clause.segments[0] === 'detail';
}
