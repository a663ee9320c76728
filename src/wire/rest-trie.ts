/**
 * Routing of REST services: the method and path templates of a model (`/v1/pipes/{Name}`), compiled to a trie. A
 * fixed segment wins over a label, a label over a greedy one (`{Key+}`), so lookup backtracks at most over the
 * segments of one path, whose number is bounded.
 */
import type { ServiceModel } from '../api/model.ts';
import { AwsError } from '../base/errors.ts';
import type { Labels } from './protocols/protocol.ts';

export interface RestMatch {
  readonly operation: string;
  readonly labels: Labels;
}

interface TrieNode {
  readonly fixed: Map<string, TrieNode>;
  label: TrieNode | undefined;
  greedy: TrieNode | undefined;
  /** By method: operations that end here, with the query parameters that they demand. */
  readonly ends: Map<string, TrieEnd[]>;
}

interface TrieEnd {
  readonly operation: string;
  /** Names of the labels on the way, in order. */
  readonly labelNames: readonly string[];
  /** `name=value` or `name` from the template's own query string. */
  readonly query: readonly string[];
}

/** No template has more than 8; what is longer is no operation of ours. */
const PATH_SEGMENTS_MAX = 64;

function createNode(): TrieNode {
  return { fixed: new Map(), label: undefined, greedy: undefined, ends: new Map() };
}

/** The segments of a path. A slash at the end does not count: clients send `/functions` and `/functions/` alike. */
function pathSegments(path: string): string[] {
  const trimmed = path.endsWith('/') ? path.slice(1, -1) : path.slice(1);
  return trimmed === '' ? [] : trimmed.split('/');
}

export class RestTrie {
  readonly #root = createNode();

  constructor(model: ServiceModel) {
    for (const [name, { method, uri }] of Object.entries(model.operations)) this.#insert(name, method, uri);
  }

  #insert(operation: string, method: string, uri: string): void {
    const [path = '/', queryText = ''] = uri.split('?');
    const labelNames: string[] = [];
    let node = this.#root;
    for (const segment of pathSegments(path)) {
      const label = /^\{([^+}]+)(\+?)\}$/.exec(segment);
      if (label === null) {
        let next = node.fixed.get(segment);
        if (next === undefined) {
          next = createNode();
          node.fixed.set(segment, next);
        }
        node = next;
      } else {
        labelNames.push(label[1] ?? '');
        node = label[2] === '+' ? (node.greedy ??= createNode()) : (node.label ??= createNode());
      }
    }
    const ends = node.ends.get(method) ?? [];
    ends.push({ operation, labelNames, query: queryText === '' ? [] : queryText.split('&') });
    // The more a template demands of the query, the earlier it is tried.
    node.ends.set(
      method,
      ends.toSorted((a, b) => b.query.length - a.query.length),
    );
  }

  /** Undefined when no operation has this method and path. */
  match(method: string, path: string, query: string): RestMatch | undefined {
    const segments = pathSegments(path);
    if (segments.length > PATH_SEGMENTS_MAX) {
      throw new AwsError('UnknownOperationException', 'The path has too many segments.', { httpStatus: 404 });
    }
    const values: string[] = [];
    const end = this.#walk(this.#root, segments, 0, { method, query: `&${query}&`, values });
    if (end === undefined) return undefined;
    return {
      operation: end.operation,
      labels: new Map(end.labelNames.map((name, at) => [name, values[at] ?? ''])),
    };
  }

  #walk(
    node: TrieNode,
    segments: readonly string[],
    at: number,
    search: { readonly method: string; readonly query: string; readonly values: string[] },
  ): TrieEnd | undefined {
    const segment = segments[at];
    if (segment === undefined) {
      return node.ends
        .get(search.method)
        ?.find((end) => end.query.every((demand) => hasParameter(search.query, demand)));
    }
    const fixed = node.fixed.get(segment);
    const found = fixed && this.#walk(fixed, segments, at + 1, search);
    if (found !== undefined) return found;
    if (node.label !== undefined && segment !== '') {
      search.values.push(segment);
      const labelled = this.#walk(node.label, segments, at + 1, search);
      if (labelled !== undefined) return labelled;
      search.values.pop();
    }
    if (node.greedy === undefined) return undefined;
    search.values.push(segments.slice(at).join('/'));
    const end = this.#walk(node.greedy, segments, segments.length, search);
    if (end === undefined) search.values.pop();
    return end;
  }
}

function hasParameter(query: string, demand: string): boolean {
  return query.includes(`&${demand}&`) || (!demand.includes('=') && query.includes(`&${demand}=`));
}
