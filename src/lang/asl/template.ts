/**
 * Payload templates (Parameters, ResultSelector, Assign): JSON in which a member whose name ends in `.$` takes the
 * value of an expression. Compiled once; a template without expressions is a constant.
 */
import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import { JsonPathError } from '../jsonpath/errors.ts';
import { runtimeError } from './errors.ts';
import { compileExpression } from './expression.ts';
import type { Evaluate } from './path.ts';
import type { EvaluationScope } from './scope.ts';

export interface Template {
  /** Throws `StatesError`. */
  readonly evaluate: (root: Json, scope: EvaluationScope) => Json;
}

const EXPRESSION_SUFFIX = '.$';

/** Compiles a template that validate.ts has passed. Throws `JsonPathSyntaxError`. */
export function compileTemplate(value: Json): Template {
  const evaluate = compileValue(value);
  return { evaluate: evaluate ?? (() => value) };
}

/** `undefined` when the value holds no expression. */
function compileValue(value: Json): Evaluate | undefined {
  if (Array.isArray(value)) return compileArray(value as readonly Json[]);
  return isJsonObject(value) ? compileObject(value) : undefined;
}

function compileArray(items: readonly Json[]): Evaluate | undefined {
  const compiled = items.map(compileValue);
  if (compiled.every((item) => item === undefined)) return undefined;
  return (root, scope) =>
    items.map((item, index) => {
      const evaluate = compiled[index];
      return evaluate === undefined ? item : evaluate(root, scope);
    });
}

function compileObject(template: JsonObject): Evaluate | undefined {
  let isConstant = true;
  const members = Object.entries(template).map(([field, value]): [string, Evaluate] => {
    const isExpression = field.endsWith(EXPRESSION_SUFFIX) && typeof value === 'string';
    const evaluate = isExpression ? compileField(field, value) : compileValue(value);
    if (evaluate !== undefined) isConstant = false;
    return [isExpression ? field.slice(0, -EXPRESSION_SUFFIX.length) : field, evaluate ?? (() => value)];
  });
  if (isConstant) return undefined;
  // `fromEntries` makes own members even of names such as `__proto__`.
  return (root, scope) =>
    Object.fromEntries(members.map(([field, evaluate]) => [field, evaluate(root, scope)]));
}

function compileField(field: string, text: string): Evaluate {
  const { evaluate } = compileExpression(text);
  return (root, scope) => {
    try {
      return evaluate(root, scope);
    } catch (error) {
      if (!(error instanceof JsonPathError)) throw error;
      throw pathNotFound(text, field, root);
    }
  };
}

/** AWS's words for a path that its input does not satisfy, in templates and in ErrorPath and CausePath. */
export function pathNotFound(path: string, field: string, input: Json): Error {
  return runtimeError(
    `The JSONPath '${path}' specified for the field '${field}' could not be found in the input ` +
      `'${JSON.stringify(input)}'`,
  );
}
