/**
 * The parameters that came before expressions (Expected, KeyConditions, QueryFilter, ScanFilter, AttributeUpdates),
 * turned into the trees of expressions. Attribute names stand for themselves here; reserved words are allowed.
 */
import type { ConditionNode, OperandNode, UpdateActionNode, ValueNode } from './ast.ts';
import { type AttributeType, type AttributeValue, compareValues, typeOf } from './attribute-value.ts';
import { type CompiledCondition, compileCondition } from './condition.ts';
import { parameterError, validationError } from './errors.ts';
import type { KeyOperator, KeyTest, KeyTests } from './key-condition.ts';
import { normalizeValue } from './normalize.ts';
import { Substitutions } from './substitutions.ts';
import { compileActions, type CompiledUpdate } from './update.ts';

export interface LegacyCondition {
  readonly ComparisonOperator: string;
  readonly AttributeValueList?: readonly AttributeValue[] | undefined;
}

export interface LegacyExpectation {
  readonly ComparisonOperator?: string | undefined;
  readonly AttributeValueList?: readonly AttributeValue[] | undefined;
  readonly Exists?: boolean | undefined;
  readonly Value?: AttributeValue | undefined;
}

export interface LegacyUpdate {
  readonly Action?: string | undefined;
  readonly Value?: AttributeValue | undefined;
}

type ByAttribute<T> = { readonly [attribute: string]: T };

const SCALARS: readonly AttributeType[] = ['S', 'N', 'B'];

interface Comparison {
  readonly countMin: number;
  readonly countMax: number;
  /** Types of values that it takes; all when left out. */
  readonly types?: readonly AttributeType[];
  readonly node: (attribute: OperandNode, values: readonly ValueNode[]) => ConditionNode;
}

const first = (values: readonly ValueNode[]): ValueNode => values[0] as ValueNode;

function comparator(
  operator: '=' | '<>' | '<' | '<=' | '>' | '>=',
  types?: readonly AttributeType[],
): Comparison {
  return {
    countMin: 1,
    countMax: 1,
    ...(types === undefined ? {} : { types }),
    node: (left, values) => ({ kind: 'compare', operator, left, right: first(values) }),
  };
}

function call(name: string, types: readonly AttributeType[]): Comparison {
  return {
    countMin: 1,
    countMax: 1,
    types,
    node: (attribute, values) => ({ kind: 'call', name, args: [attribute, first(values)] }),
  };
}

function existence(name: string): Comparison {
  return { countMin: 0, countMax: 0, node: (attribute) => ({ kind: 'call', name, args: [attribute] }) };
}

const COMPARISONS: ReadonlyMap<string, Comparison> = new Map([
  ['EQ', comparator('=')],
  ['NE', comparator('<>')],
  ['LT', comparator('<', SCALARS)],
  ['LE', comparator('<=', SCALARS)],
  ['GT', comparator('>', SCALARS)],
  ['GE', comparator('>=', SCALARS)],
  ['NOT_NULL', existence('attribute_exists')],
  ['NULL', existence('attribute_not_exists')],
  ['CONTAINS', call('contains', SCALARS)],
  ['BEGINS_WITH', call('begins_with', ['S', 'B'])],
  [
    'NOT_CONTAINS',
    {
      ...call('contains', SCALARS),
      node: (attribute, values) => ({
        kind: 'not',
        condition: { kind: 'call', name: 'contains', args: [attribute, first(values)] },
      }),
    },
  ],
  [
    'IN',
    {
      countMin: 1,
      countMax: 100,
      types: SCALARS,
      node: (operand, choices) => ({ kind: 'in', operand, choices }),
    },
  ],
  [
    'BETWEEN',
    {
      countMin: 2,
      countMax: 2,
      types: SCALARS,
      node: (operand, [low, high]) => ({
        kind: 'between',
        operand,
        low: low as ValueNode,
        high: high as ValueNode,
      }),
    },
  ],
]);

/** Hands out names for values, so that trees can refer to them. */
class Values {
  readonly #given: Record<string, AttributeValue> = {};
  #count = 0;

  add(value: AttributeValue): ValueNode {
    const name = `:${this.#count}`;
    this.#count += 1;
    this.#given[name] = value;
    return { kind: 'value', name };
  }

  substitutions(): Substitutions {
    return new Substitutions(this.#count === 0 ? {} : { ExpressionAttributeValues: this.#given });
  }
}

function attributeNode(name: string): OperandNode & { kind: 'path' } {
  return { kind: 'path', parts: [{ kind: 'name', name }] };
}

function checkedComparison(operator: string, values: readonly AttributeValue[]): Comparison {
  const comparison = COMPARISONS.get(operator);
  if (comparison === undefined) throw parameterError(`Unknown ComparisonOperator: ${operator}`);
  const { countMin, countMax, types } = comparison;
  if (values.length < countMin || values.length > countMax) {
    throw parameterError(`Invalid number of argument(s) for the ${operator} ComparisonOperator`);
  }
  const found = values.map((value) => typeOf(normalizeValue(value)));
  if (found.some((type) => type !== found[0])) {
    throw parameterError('AttributeValues inside AttributeValueList must be of same type');
  }
  for (const type of found) {
    if (types !== undefined && !types.includes(type)) {
      throw parameterError(`ComparisonOperator ${operator} is not valid for ${type} AttributeValue type`);
    }
  }
  const [low, high] = values.map((value) => normalizeValue(value));
  if (
    operator === 'BETWEEN' &&
    low !== undefined &&
    high !== undefined &&
    (compareValues(low, high) ?? 0) > 0
  ) {
    throw validationError(
      'The BETWEEN condition was provided a range where the lower bound is greater than the upper bound',
    );
  }
  return comparison;
}

function conditionNode(attribute: string, condition: LegacyCondition, values: Values): ConditionNode {
  const list = condition.AttributeValueList ?? [];
  const comparison = checkedComparison(condition.ComparisonOperator, list);
  return comparison.node(
    attributeNode(attribute),
    list.map((value) => values.add(value)),
  );
}

function join(conditions: readonly ConditionNode[], operator: string | undefined): ConditionNode {
  const [only] = conditions;
  if (only !== undefined && conditions.length === 1) return only;
  return { kind: operator === 'OR' ? 'or' : 'and', conditions };
}

/** QueryFilter or ScanFilter. Throws `ValidationException`. */
export function compileLegacyFilter(
  filter: ByAttribute<LegacyCondition>,
  operator: string | undefined,
): CompiledCondition {
  const values = new Values();
  const nodes = Object.entries(filter).map(([name, condition]) => conditionNode(name, condition, values));
  return compileCondition('FilterExpression', join(nodes, operator), values.substitutions());
}

/** Expected. Throws `ValidationException`. */
export function compileExpected(
  expected: ByAttribute<LegacyExpectation>,
  operator: string | undefined,
): CompiledCondition {
  const values = new Values();
  const nodes = Object.entries(expected).map(([name, expectation]) =>
    conditionNode(name, toCondition(name, expectation), values),
  );
  return compileCondition('ConditionExpression', join(nodes, operator), values.substitutions());
}

function toCondition(name: string, expectation: LegacyExpectation): LegacyCondition {
  const { ComparisonOperator, AttributeValueList, Exists, Value } = expectation;
  if (AttributeValueList !== undefined && Value !== undefined) {
    throw parameterError(`Value and AttributeValueList cannot be used together for Attribute: ${name}`);
  }
  if (ComparisonOperator !== undefined) {
    if (Exists !== undefined) {
      throw parameterError(`Exists and ComparisonOperator cannot be used together for Attribute: ${name}`);
    }
    const list = AttributeValueList ?? (Value === undefined ? undefined : [Value]);
    if (list === undefined && ComparisonOperator !== 'NULL' && ComparisonOperator !== 'NOT_NULL') {
      throw parameterError(
        `Value or AttributeValueList must be used with ComparisonOperator: ${ComparisonOperator} ` +
          `for Attribute: ${name}`,
      );
    }
    return { ComparisonOperator, AttributeValueList: list };
  }
  if (AttributeValueList !== undefined) {
    throw parameterError(
      `AttributeValueList can only be used with a ComparisonOperator for Attribute: ${name}`,
    );
  }
  if (Exists === false) {
    if (Value === undefined) return { ComparisonOperator: 'NULL' };
    throw parameterError(`Value cannot be used when Exists is false for Attribute: ${name}`);
  }
  if (Value === undefined) {
    throw parameterError(`Value must be provided when Exists is ${Exists ?? null} for Attribute: ${name}`);
  }
  return { ComparisonOperator: 'EQ', AttributeValueList: [Value] };
}

const KEY_OPERATORS: ReadonlyMap<string, KeyOperator> = new Map([
  ['EQ', '='],
  ['LT', '<'],
  ['LE', '<='],
  ['GT', '>'],
  ['GE', '>='],
  ['BETWEEN', 'between'],
  ['BEGINS_WITH', 'begins_with'],
]);

/** KeyConditions. Throws `ValidationException`. */
export function compileKeyConditions(conditions: ByAttribute<LegacyCondition>): KeyTests {
  const tests = new Map<string, KeyTest>();
  for (const [name, { ComparisonOperator, AttributeValueList = [] }] of Object.entries(conditions)) {
    checkedComparison(ComparisonOperator, AttributeValueList);
    const operator = KEY_OPERATORS.get(ComparisonOperator);
    if (operator === undefined) {
      throw validationError('Attempted conditional constraint is not an indexable operation');
    }
    tests.set(name, { operator, values: AttributeValueList.map((value) => normalizeValue(value)) });
  }
  return tests;
}

/** AttributeUpdates. Throws `ValidationException`. */
export function compileAttributeUpdates(updates: ByAttribute<LegacyUpdate>): CompiledUpdate {
  const values = new Values();
  const actions = Object.entries(updates).map(([name, update]) => toAction(name, update, values));
  return compileActions(actions, values.substitutions());
}

function toAction(name: string, { Action = 'PUT', Value }: LegacyUpdate, values: Values): UpdateActionNode {
  const path = attributeNode(name);
  if (Value === undefined) {
    if (Action === 'DELETE') return { kind: 'remove', path };
    throw parameterError(`Only DELETE action is allowed when no attribute value is specified`);
  }
  const type = typeOf(normalizeValue(Value));
  const value = values.add(Value);
  if (Action === 'PUT') return { kind: 'set', path, value };
  if (Action === 'DELETE') {
    if (type !== 'SS' && type !== 'NS' && type !== 'BS') {
      throw parameterError(`DELETE action with value is not supported for the type ${type}`);
    }
    return { kind: 'delete', path, value };
  }
  if (type === 'L') {
    const list: OperandNode = { kind: 'call', name: 'if_not_exists', args: [path, values.add({ L: [] })] };
    return { kind: 'set', path, value: { kind: 'call', name: 'list_append', args: [list, value] } };
  }
  if (type !== 'N' && type !== 'SS' && type !== 'NS' && type !== 'BS') {
    throw parameterError(`ADD action is not supported for the type ${type}`);
  }
  return { kind: 'add', path, value };
}
