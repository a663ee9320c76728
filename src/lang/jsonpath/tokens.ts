/** The parts of a parsed path. */
import type { FilterExpression } from './filter-parser.ts';

export type PathToken =
  /** `.name` or `['name']` */
  | { readonly kind: 'property'; readonly name: string }
  /** `['a','b']`: at the end of a path it makes an object of those members. */
  | { readonly kind: 'properties'; readonly names: readonly string[] }
  /** `[3]` or `[-1]`, from the end */
  | { readonly kind: 'index'; readonly index: number }
  /** `[0,2]` */
  | { readonly kind: 'indices'; readonly indices: readonly number[] }
  /** `[1:3]`, either end may be missing or count from the end */
  | { readonly kind: 'slice'; readonly from: number | undefined; readonly to: number | undefined }
  /** `.*` or `[*]` */
  | { readonly kind: 'wildcard' }
  /** `..`: the next token applies to the node and to everything below it */
  | { readonly kind: 'scan' }
  /** `[?(...)]` */
  | { readonly kind: 'filter'; readonly filter: FilterExpression }
  /** `.length()`: only at the end of a path */
  | { readonly kind: 'function'; readonly name: string };

/** True for a token that selects at most one node. */
export function isDefiniteToken(token: PathToken): boolean {
  return (
    token.kind === 'property' ||
    token.kind === 'index' ||
    token.kind === 'properties' ||
    token.kind === 'function'
  );
}
