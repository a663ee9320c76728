/** Compiles the rules of a Choice state: comparisons joined by And, Or and Not. */
import type { Json, JsonObject } from '../../base/json.ts';
import { invariant } from '../../base/assert.ts';
import { JsonPathError } from '../jsonpath/errors.ts';
import { COMPARISONS, PATH_COMPARISONS } from './choice-operators.ts';
import { runtimeError } from './errors.ts';
import { compilePath } from './path.ts';
import type { EvaluationScope } from './scope.ts';
import type { Template } from './template.ts';
import { compileTemplate } from './template.ts';

export type Condition = (input: Json, scope: EvaluationScope) => boolean;

export interface ChoiceRule {
  /** Throws `StatesError` when the rule's variable is not there. */
  readonly matches: Condition;
  readonly next: string;
  readonly assign?: Template;
}

/** Compiles a rule that validate.ts has passed. Throws `JsonPathSyntaxError`. */
export function compileChoiceRule(rule: JsonObject): ChoiceRule {
  const assign = rule['Assign'];
  return {
    matches: compileCondition(rule),
    next: textMember(rule, 'Next'),
    ...(assign === undefined ? {} : { assign: compileTemplate(assign) }),
  };
}

function compileCondition(rule: JsonObject): Condition {
  const { And, Or, Not } = rule;
  if (And !== undefined) {
    const conditions = (And as readonly JsonObject[]).map(compileCondition);
    return (input, scope) => conditions.every((condition) => condition(input, scope));
  }
  if (Or !== undefined) {
    const conditions = (Or as readonly JsonObject[]).map(compileCondition);
    return (input, scope) => conditions.some((condition) => condition(input, scope));
  }
  if (Not !== undefined) {
    const condition = compileCondition(Not as JsonObject);
    return (input, scope) => !condition(input, scope);
  }
  return compileComparison(rule);
}

type Read = (input: Json, scope: EvaluationScope) => Json;

function compileComparison(rule: JsonObject): Condition {
  const variable = compileVariable(textMember(rule, 'Variable'));
  for (const [operator, expected] of Object.entries(rule)) {
    if (operator === 'IsPresent') return compilePresence(textMember(rule, 'Variable'), expected);
    const comparison = COMPARISONS.get(operator);
    if (comparison !== undefined) {
      return (input, scope) => comparison(variable(input, scope), expected);
    }
    const pathComparison = PATH_COMPARISONS.get(operator);
    if (pathComparison !== undefined) {
      const read = compileVariable(textMember(rule, operator));
      return (input, scope) => pathComparison(variable(input, scope), read(input, scope));
    }
  }
  throw runtimeError('The choice rule has no comparison.');
}

function compilePresence(path: string, expected: Json): Condition {
  const read = compilePath(path);
  return (input, scope) => {
    try {
      read(input, scope);
      return expected === true;
    } catch (error) {
      if (!(error instanceof JsonPathError)) throw error;
      return expected === false;
    }
  };
}

function compileVariable(path: string): Read {
  const read = compilePath(path);
  return (input, scope) => {
    try {
      return read(input, scope);
    } catch (error) {
      if (!(error instanceof JsonPathError)) throw error;
      throw runtimeError(
        `Invalid path '${path}': The choice state's condition path references an invalid value.`,
      );
    }
  };
}

/** A member that validation has found to be a text. */
function textMember(rule: JsonObject, name: string): string {
  const value = rule[name];
  invariant(typeof value === 'string', `a choice rule's ${name} must be a string`);
  return value;
}
