/** Shows how an index has filed its rules: what announces each, and what is checked then. For people and tests. */
import type { IndexEntry, PatternIndex } from './matcher.ts';
import type { Anchor } from './operators/operator.ts';

/**
 * One line for each alternative of each rule, such as
 * `orders: source "shop" -> source ["shop"] & detail.total [{"numeric": [">", 100]}]`.
 */
export function printIndex(index: PatternIndex): string {
  return Array.from(index.entries(), printEntry).join('\n');
}

function printEntry({ ruleId, clauses, anchor }: IndexEntry): string {
  const keys = anchor?.clause.anchors ?? [];
  const announced =
    anchor === undefined ? 'every event' : `${anchor.clause.path} ${keys.map(printAnchor).join(' | ')}`;
  const checked = clauses.map(({ clause }) => `${clause.path} ${clause.expected}`);
  return `${ruleId}: ${announced} -> ${checked.join(' & ')}`;
}

function printAnchor(anchor: Anchor): string {
  switch (anchor.kind) {
    case 'present':
      return 'present';
    case 'number':
      return String(anchor.value);
    case 'literal':
      return anchor.text;
    case 'string':
      return JSON.stringify(anchor.text);
    default:
      return `${anchor.kind} ${JSON.stringify(anchor.text)}`;
  }
}
