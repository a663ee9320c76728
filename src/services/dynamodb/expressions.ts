/**
 * The expressions of a request, and the legacy parameters that say the same. A request uses one style or the other;
 * both are compiled to the same forms before the table is looked up, as the service does.
 */
import type {
  ConditionalOperator,
  ExpectedAttributeValue,
  ReturnValuesOnConditionCheckFailure,
} from '../../api/dynamodb.ts';
import type { Item } from '../../lang/expression/attribute-value.ts';
import { type CompiledCondition, compileCondition } from '../../lang/expression/condition.ts';
import { compileExpected } from '../../lang/expression/legacy.ts';
import { parseCondition } from '../../lang/expression/parse-condition.ts';
import type { DocumentPath } from '../../lang/expression/path.ts';
import {
  compileProjection,
  type CompiledProjection,
  projectionOf,
} from '../../lang/expression/projection.ts';
import { type SubstitutionInput, Substitutions } from '../../lang/expression/substitutions.ts';
import * as errors from './errors.ts';

const EMPTY_ITEM: Item = {};

/** Which members of a request are expressions, and which are what came before them. */
export interface Styles {
  readonly expressions: readonly string[];
  readonly legacy: readonly string[];
}

/** The names and values of a request, once it is clear that it uses one style alone. */
export function readSubstitutions(input: SubstitutionInput & object, styles: Styles): Substitutions {
  const given = new Map<string, unknown>(Object.entries(input));
  const isGiven = (member: string): boolean => given.get(member) !== undefined;
  const expressions = styles.expressions.filter(isGiven);
  const legacy = styles.legacy.filter(isGiven);
  if (expressions.length > 0 && legacy.length > 0) throw errors.mixedParameters(legacy, expressions);
  if (expressions.length === 0 && input.ExpressionAttributeNames !== undefined) {
    throw errors.onlyWithExpressions('ExpressionAttributeNames');
  }
  if (
    input.ExpressionAttributeValues !== undefined &&
    expressions.every((member) => member === 'ProjectionExpression')
  ) {
    throw errors.onlyWithExpressions('ExpressionAttributeValues');
  }
  return new Substitutions(input);
}

export interface ConditionInput {
  readonly ConditionExpression?: string | undefined;
  readonly Expected?: { readonly [name: string]: ExpectedAttributeValue } | undefined;
  readonly ConditionalOperator?: ConditionalOperator | undefined;
  readonly ReturnValuesOnConditionCheckFailure?: ReturnValuesOnConditionCheckFailure | undefined;
}

/** The condition of a write. */
export interface WriteCondition {
  readonly paths: readonly DocumentPath[];
  /** Throws `ConditionalCheckFailedException`. */
  readonly check: (before: Item | undefined) => void;
}

export function compileWriteCondition(
  input: ConditionInput,
  substitutions: Substitutions,
): WriteCondition | undefined {
  const condition = compileAnyCondition(input, substitutions);
  if (condition === undefined) return undefined;
  const tellsItem = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
  return {
    paths: condition.paths,
    check: (before) => {
      if (!condition.holds(before ?? EMPTY_ITEM)) {
        throw errors.conditionalCheckFailed(tellsItem ? before : undefined);
      }
    },
  };
}

function compileAnyCondition(
  input: ConditionInput,
  substitutions: Substitutions,
): CompiledCondition | undefined {
  if (input.ConditionExpression !== undefined) {
    const node = parseCondition('ConditionExpression', input.ConditionExpression);
    return compileCondition('ConditionExpression', node, substitutions);
  }
  if (input.Expected !== undefined && Object.keys(input.Expected).length > 0) {
    return compileExpected(input.Expected, input.ConditionalOperator);
  }
  if (input.ConditionalOperator !== undefined) {
    throw errors.validation('ConditionalOperator cannot be used without Filter or Expected');
  }
  return undefined;
}

export interface ProjectionInput {
  readonly ProjectionExpression?: string | undefined;
  readonly AttributesToGet?: readonly string[] | undefined;
}

/** Which part of each item to answer; all of it when the request says nothing. */
export function compileAnyProjection(
  input: ProjectionInput,
  substitutions: Substitutions,
): CompiledProjection | undefined {
  if (input.ProjectionExpression !== undefined) {
    return compileProjection(input.ProjectionExpression, substitutions);
  }
  if (input.AttributesToGet === undefined) return undefined;
  const names = input.AttributesToGet;
  const duplicate = names.find((name, index) => names.indexOf(name) !== index);
  if (duplicate !== undefined) {
    throw errors.invalidValues(`Duplicate value in attribute name: ${duplicate}`);
  }
  const paths = names.map((name): DocumentPath => [name]);
  return { paths, project: projectionOf(paths) };
}
