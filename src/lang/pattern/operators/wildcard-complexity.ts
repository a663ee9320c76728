/**
 * AWS refuses a rule when some text could keep too many states of its wildcard automaton busy at once. A star that
 * was passed stays busy for ever, so the worst text passes all stars first; after that a prefix of a literal
 * segment is busy when the text ends with it. The most busy set is therefore found at one node of an Aho-Corasick
 * automaton over the segments: the count along its chain of failure links, plus the stars. That is linear, where
 * AWS's own evaluator walks the automaton.
 */
import { splitWildcard } from './wildcard.ts';

/** Recorded: 7 is accepted and 11 is refused; what lies between is not known. */
export const WILDCARD_COMPLEXITY_MAX = 10;

interface SegmentNode {
  readonly next: Map<string, SegmentNode>;
  failure: SegmentNode | undefined;
  /** Automaton states that stand for this node: one for each star before an equal segment. */
  states: number;
}

/** A state of the matcher's automaton; wildcards that begin alike share it. */
interface State {
  readonly next: Map<string, State>;
}

const STAR = 'star';

/** The most automaton states that one text can keep busy, over all wildcards of one field. */
export function wildcardComplexity(texts: readonly string[]): number {
  const wildcards = texts.map((text) => splitWildcard(text)).filter((segments) => segments.length > 1);
  const heads = new Set(wildcards.map((segments) => segments[0] ?? ''));
  let most = 0;
  for (const head of heads) {
    // Only wildcards whose anchored beginnings agree can be busy on the same text.
    const group = wildcards.filter((segments) => head.startsWith(segments[0] ?? ''));
    most = Math.max(most, groupComplexity(group));
  }
  return most;
}

function groupComplexity(group: readonly (readonly string[])[]): number {
  const root: SegmentNode = { next: new Map(), failure: undefined, states: 0 };
  const start: State = { next: new Map() };
  let stars = 0;
  for (const segments of group) {
    let state = start;
    for (const [index, segment] of segments.entries()) {
      // The matcher reads a closing quote after the last character.
      const text = index === segments.length - 1 ? `${segment}"` : segment;
      // What comes before the first star is anchored, and no longer busy when a star is.
      const node = index === 0 ? undefined : root;
      if (node !== undefined) {
        if (!state.next.has(STAR)) stars += 1;
        state = follow(state, STAR);
      }
      state = addSegment(node, text, state);
    }
  }
  return stars + mostBusy(root);
}

function follow(state: State, key: string): State {
  let next = state.next.get(key);
  if (next === undefined) {
    next = { next: new Map() };
    state.next.set(key, next);
  }
  return next;
}

function addSegment(root: SegmentNode | undefined, segment: string, from: State): State {
  let node = root;
  let state = from;
  // AWS's automaton reads bytes: characters that share their first bytes share states.
  for (const byte of Buffer.from(segment).toString('latin1')) {
    const isNew = !state.next.has(byte);
    state = follow(state, byte);
    if (node === undefined) continue;
    let next = node.next.get(byte);
    if (next === undefined) {
      next = { next: new Map(), failure: undefined, states: 0 };
      node.next.set(byte, next);
    }
    node = next;
    if (isNew) node.states += 1;
  }
  return state;
}

/** Breadth first, so that a node's failure link, which is shorter, already carries the sum of its own chain. */
function mostBusy(root: SegmentNode): number {
  const queue: SegmentNode[] = [root];
  let most = 0;
  for (const node of queue) {
    most = Math.max(most, node.states);
    for (const [character, next] of node.next) {
      let failure = node.failure;
      while (failure !== undefined && !failure.next.has(character)) failure = failure.failure;
      next.failure = failure?.next.get(character) ?? root;
      next.states += next.failure.states;
      queue.push(next);
    }
  }
  return most;
}
