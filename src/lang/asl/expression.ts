/**
 * Expressions of the JSONPath query language: a path into the document (`$.a`), into the context object (`$$.a`)
 * or into a variable (`$name.a`), or a call of an intrinsic function (`States.Format(...)`).
 */
import type { Json } from '../../base/json.ts';
import { compileIntrinsicCall } from './intrinsic-call.ts';
import { compilePath } from './path.ts';
import type { EvaluationScope } from './scope.ts';

export interface Expression {
  /** As it was written. */
  readonly text: string;
  readonly kind: 'path' | 'intrinsic';
  /** The value, where `root` is what `$` means. Throws `JsonPathError` (a path) or `StatesError` (an intrinsic). */
  readonly evaluate: (root: Json, scope: EvaluationScope) => Json;
}

/** A path. Throws `JsonPathSyntaxError`. */
export function compilePathExpression(text: string): Expression {
  return { text, kind: 'path', evaluate: compilePath(text) };
}

/** A path or a call of an intrinsic function. Throws `JsonPathSyntaxError`. */
export function compileExpression(text: string): Expression {
  if (!text.startsWith('States.')) return compilePathExpression(text);
  return { text, kind: 'intrinsic', evaluate: compileIntrinsicCall(text) };
}
