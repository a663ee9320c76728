/** The three roots of a path: the document `$`, the context object `$$` and a variable `$name`. */
import type { Json } from '../../base/json.ts';
import { JsonPathError } from '../jsonpath/errors.ts';
import { compileJsonPath } from '../jsonpath/jsonpath.ts';
import type { EvaluationScope } from './scope.ts';

export type Evaluate = (root: Json, scope: EvaluationScope) => Json;

/** Throws `JsonPathSyntaxError`; what it returns throws `JsonPathError` when a definite path finds nothing. */
export function compilePath(text: string): Evaluate {
  if (text === '$') return (root) => root;
  if (text.startsWith('$$')) {
    const { read } = compileJsonPath(text.slice(1));
    return (_root, scope) => read(scope.context);
  }
  const name = variableName(text);
  if (name === '') {
    const { read } = compileJsonPath(text);
    return read;
  }
  const { read } = compileJsonPath(`$${text.slice(1 + name.length)}`);
  return (_root, scope) => {
    const value = scope.variable(name);
    if (value === undefined) throw new JsonPathError(`No results for path: $${name}`);
    return read(value);
  };
}

/** The name in `$name.a[0]`, or the empty string when the path starts at the document. */
export function variableName(text: string): string {
  return /^\$([\p{ID_Start}_][\p{ID_Continue}]*)/u.exec(text)?.[1] ?? '';
}
