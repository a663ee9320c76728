/**
 * Finds in an event the values of the fields that some patterns name, in one walk over its text, skipping all
 * else. A `FieldTrie` holds those fields; `FieldNode.leaves` holds what the last event had there until `release`.
 * Matching is synchronous, so one trie serves one event at a time (`matcher.ts` and `explain.ts` see to it).
 *
 * AWS flattens before it compares: nested keys and keys with dots are the same, arrays (of arrays) vanish but for
 * the elements that an object lies in, empty objects and arrays leave nothing, a repeated key gives both its values.
 */
import { JsonCursor } from '../json-text.ts';
import type { EventView } from './event.ts';
import type { Leaf } from './leaf.ts';
import { ArrayElement, toComparableNumber } from './leaf.ts';

export class FieldNode {
  readonly depth: number;
  readonly children = new Map<string, FieldNode>();
  /** How many clauses name this very field. */
  uses = 0;
  /** The values that the current event has here. */
  leaves: Leaf[] | undefined;

  constructor(depth: number) {
    this.depth = depth;
  }
}

export class FieldTrie {
  readonly root = new FieldNode(0);
  /** Nodes that hold values of the current event. */
  readonly touched: FieldNode[] = [];

  /** The node of a path, made where it is missing; counted until `remove`. */
  add(segments: readonly string[]): FieldNode {
    let node = this.root;
    for (const segment of segments) {
      let child = node.children.get(segment);
      if (child === undefined) {
        child = new FieldNode(node.depth + 1);
        node.children.set(segment, child);
      }
      node = child;
    }
    node.uses += 1;
    return node;
  }

  /** Undoes one `add`, and prunes nodes that nobody needs. */
  remove(segments: readonly string[]): void {
    const path: FieldNode[] = [this.root];
    for (const segment of segments) {
      const child = path.at(-1)?.children.get(segment);
      if (child === undefined) return;
      path.push(child);
    }
    const last = path.at(-1);
    if (last !== undefined) last.uses -= 1;
    for (let depth = segments.length; depth > 0; depth -= 1) {
      const node = path[depth];
      if (node === undefined || node.uses > 0 || node.children.size > 0) return;
      path[depth - 1]?.children.delete(segments[depth - 1] ?? '');
    }
  }

  /**
   * Collects the fields that cost nothing to find: those of the envelope. False when the event came as one text,
   * whose fields `collectText` finds.
   */
  collectEnvelope(event: EventView): boolean {
    const envelope = event.envelope;
    if (envelope === undefined) return false;
    this.#field('source', envelope.source);
    this.#field('detail-type', envelope.detailType);
    this.#field('account', envelope.account);
    this.#field('region', envelope.region);
    this.#field('time', envelope.time);
    this.#field('id', envelope.id);
    this.#field('version', envelope.version ?? '0');
    if (envelope.replayName !== undefined) this.#field('replay-name', envelope.replayName);
    for (const resource of envelope.resources) this.#field('resources', resource);
    return true;
  }

  /** Collects what `collectEnvelope` left: the fields of the detail, or all those of an event in one text. */
  collectText(event: EventView): void {
    if (event.envelope === undefined) {
      new TextWalk(this, event.text).value(this.root, undefined);
      return;
    }
    const detail = this.root.children.get('detail');
    if (detail !== undefined) new TextWalk(this, event.envelope.detailText).value(detail, undefined);
  }

  /** Forgets the current event. */
  release(): void {
    for (const node of this.touched) node.leaves = undefined;
    this.touched.length = 0;
  }

  put(node: FieldNode, leaf: Leaf): void {
    if (node.leaves === undefined) {
      node.leaves = [leaf];
      this.touched.push(node);
    } else {
      node.leaves.push(leaf);
    }
  }

  #field(name: string, text: string): void {
    const node = this.root.children.get(name);
    if (node === undefined || node.uses === 0) return;
    this.put(node, { kind: 'string', text, number: NaN, element: undefined });
  }
}

/** One walk over a text. Recursion follows the nesting of the event, which its maker bounded (`JSON_DEPTH_MAX`). */
class TextWalk {
  readonly #trie: FieldTrie;
  readonly #cursor: JsonCursor;

  constructor(trie: FieldTrie, text: string) {
    this.#trie = trie;
    this.#cursor = new JsonCursor(text);
    this.#cursor.skipSpace();
  }

  value(node: FieldNode, element: ArrayElement | undefined): void {
    const cursor = this.#cursor;
    const kind = cursor.kind();
    if (kind === 'object') {
      if (node.children.size === 0) cursor.skipValue();
      else this.#object(node, element);
    } else if (kind === 'array') {
      this.#array(node, element);
    } else if (node.uses === 0) {
      cursor.skipValue();
    } else if (kind === 'string') {
      this.#trie.put(node, { kind, text: cursor.string(), number: NaN, element });
    } else {
      const text = cursor.scalar();
      const number = kind === 'number' ? toComparableNumber(text) : NaN;
      this.#trie.put(node, { kind, text, number, element });
    }
  }

  #object(node: FieldNode, element: ArrayElement | undefined): void {
    const cursor = this.#cursor;
    if (!cursor.enter()) return;
    do {
      const key = cursor.string();
      cursor.toMemberValue();
      const child = descend(node, key);
      if (child === undefined) cursor.skipValue();
      else this.value(child, element);
    } while (cursor.next());
  }

  #array(node: FieldNode, parent: ArrayElement | undefined): void {
    const cursor = this.#cursor;
    if (!cursor.enter()) return;
    do {
      // A scalar counts as lying in no element of its own array: `["x", {"b": "y"}]` has both an x and a b.
      const kind = cursor.kind();
      const nests = kind === 'object' || kind === 'array';
      this.value(node, nests ? new ArrayElement(parent, node.depth) : parent);
    } while (cursor.next());
  }
}

function descend(node: FieldNode, key: string): FieldNode | undefined {
  if (!key.includes('.')) return node.children.get(key);
  let child: FieldNode | undefined = node;
  for (const segment of key.split('.')) child = child?.children.get(segment);
  return child;
}
