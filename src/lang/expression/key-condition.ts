/**
 * Key conditions: what a Query says of the partition key and the sort key. The grammar is that of conditions; most
 * of what it allows is refused here. Which attributes are keys is the table's to say, not this file's.
 */
import type { Comparator, ConditionNode, OperandNode } from './ast.ts';
import type { AttributeValue } from './attribute-value.ts';
import { compileCondition } from './condition.ts';
import { validationError } from './errors.ts';
import { parseCondition } from './parse-condition.ts';
import type { Substitutions } from './substitutions.ts';

export type KeyOperator = '=' | '<' | '<=' | '>' | '>=' | 'between' | 'begins_with';

/** One or, for `between`, two values. */
export interface KeyTest {
  readonly operator: KeyOperator;
  readonly values: readonly AttributeValue[];
}

/** The tests of a key condition by the name of the attribute. */
export type KeyTests = ReadonlyMap<string, KeyTest>;

const KIND = 'KeyConditionExpression';

/** `:v < sk` says `sk > :v`. */
const TURNED: Readonly<Record<Exclude<Comparator, '<>'>, KeyOperator>> = {
  '=': '=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

/** Throws `ValidationException` in AWS's words. */
export function compileKeyCondition(text: string, substitutions: Substitutions): KeyTests {
  const node = parseCondition(KIND, text);
  // Finds the faults that any condition can have.
  compileCondition(KIND, node, substitutions);
  const tests = new Map<string, KeyTest>();
  collect(node, substitutions, tests);
  return tests;
}

function collect(node: ConditionNode, substitutions: Substitutions, tests: Map<string, KeyTest>): void {
  if (node.kind === 'and') {
    for (const part of node.conditions) collect(part, substitutions, tests);
    return;
  }
  const [attribute, test] = readTest(node, substitutions);
  if (tests.has(attribute)) {
    throw validationError('KeyConditionExpressions must only contain one condition per key');
  }
  tests.set(attribute, test);
}

function readTest(node: ConditionNode, substitutions: Substitutions): [attribute: string, test: KeyTest] {
  switch (node.kind) {
    case 'compare': {
      if (node.operator === '<>') throw invalidOperator('<>');
      const turned = node.left.kind !== 'path';
      const operator = turned ? TURNED[node.operator] : node.operator;
      const [path, value] = turned ? [node.right, node.left] : [node.left, node.right];
      return makeTest(operator, path, [value], substitutions);
    }
    case 'between':
      if (node.operand.kind !== 'path') throw notFirstOperand('BETWEEN');
      return makeTest('between', node.operand, [node.low, node.high], substitutions);
    case 'call': {
      if (node.name !== 'begins_with') throw invalidOperator(node.name);
      const [path, prefix] = node.args as [OperandNode, OperandNode];
      if (path.kind !== 'path') throw notFirstOperand('begins_with');
      return makeTest('begins_with', path, [prefix], substitutions);
    }
    default:
      throw invalidOperator(node.kind.toUpperCase());
  }
}

function makeTest(
  operator: KeyOperator,
  attribute: OperandNode,
  operands: readonly OperandNode[],
  substitutions: Substitutions,
): [attribute: string, test: KeyTest] {
  const nodes = [attribute, ...operands];
  if (nodes.some((node) => node.kind === 'call')) {
    throw validationError('KeyConditionExpressions cannot contain nested operations');
  }
  if (attribute.kind !== 'path') throw invalidCondition('No key attribute specified');
  const path = substitutions.path(KIND, attribute);
  if (path.length > 1) {
    throw validationError('KeyConditionExpressions cannot have conditions on nested attributes');
  }
  const values = operands.map((node) => {
    if (node.kind !== 'value') throw invalidCondition('Multiple attribute names used in one condition');
    return substitutions.value(KIND, node);
  });
  return [path[0], { operator, values }];
}

function invalidOperator(operator: string) {
  return validationError(`Invalid operator used in ${KIND}: ${operator}`);
}

function notFirstOperand(operator: string) {
  return invalidCondition(`${operator} operator must have the key attribute as its first operand`);
}

function invalidCondition(message: string) {
  return validationError(`Invalid condition in ${KIND}: ${message}`);
}
