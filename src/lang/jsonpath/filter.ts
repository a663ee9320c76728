/** Compiles the condition of `[?(...)]` to a test of one node, with Jayway's rules of comparison. */
import type { Json } from '../../base/json.ts';
import { isPlainObject, numberOf } from '../../base/exact-json.ts';
import { jsonEquals } from '../../base/json.ts';
import type { Evaluation } from './evaluation.ts';
import type { FilterExpression, FilterOperand, FilterOperator } from './filter-parser.ts';
import type { PathToken } from './tokens.ts';

export type FilterTest = (node: Json, evaluation: Evaluation) => boolean;

/** The value that a path selects, or `undefined` when it selects nothing. Handed in by compile.ts. */
export type PathReader = (root: Json, evaluation: Evaluation) => Json | undefined;
export type ReaderCompiler = (tokens: readonly PathToken[]) => PathReader;

type OperandReader = (node: Json, evaluation: Evaluation) => Json | undefined;
type Comparison = (left: Json | undefined, right: Json | undefined) => boolean;

export function compileFilter(expression: FilterExpression, compileReader: ReaderCompiler): FilterTest {
  switch (expression.kind) {
    case 'and': {
      const tests = expression.parts.map((part) => compileFilter(part, compileReader));
      return (node, evaluation) => tests.every((test) => test(node, evaluation));
    }
    case 'or': {
      const tests = expression.parts.map((part) => compileFilter(part, compileReader));
      return (node, evaluation) => tests.some((test) => test(node, evaluation));
    }
    case 'not': {
      const test = compileFilter(expression.part, compileReader);
      return (node, evaluation) => !test(node, evaluation);
    }
    case 'exists': {
      const read = compileOperand(expression.operand, compileReader);
      return (node, evaluation) => read(node, evaluation) !== undefined;
    }
    case 'comparison': {
      const compare = COMPARISONS[expression.operator];
      const left = compileOperand(expression.left, compileReader);
      const right = compileOperand(expression.right, compileReader);
      return (node, evaluation) => compare(left(node, evaluation), right(node, evaluation));
    }
  }
}

function compileOperand(operand: FilterOperand, compileReader: ReaderCompiler): OperandReader {
  if (operand.kind === 'literal') return () => operand.value;
  const read = compileReader(operand.tokens);
  return operand.fromDocument
    ? (_node, evaluation) => read(evaluation.document, evaluation)
    : (node, evaluation) => read(node, evaluation);
}

/** Jayway compares a number with a text that reads as one. */
function equals(left: Json | undefined, right: Json | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  if (typeof left === 'number' && typeof right === 'string') return right !== '' && left === Number(right);
  if (typeof left === 'string' && typeof right === 'number') return left !== '' && right === Number(left);
  return jsonEquals(left, right);
}

/** Orders numbers with numbers and strings with strings; anything else has no order. */
function order(left: Json | undefined, right: Json | undefined): number | undefined {
  const leftNumber = numberOf(left);
  const rightNumber = numberOf(right);
  if (leftNumber !== undefined && rightNumber !== undefined) return leftNumber - rightNumber;
  if (typeof left !== 'string' || typeof right !== 'string') return undefined;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function ordered(holds: (order: number) => boolean): Comparison {
  return (left, right) => {
    const difference = order(left, right);
    return difference !== undefined && holds(difference);
  };
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

function isIn(value: Json | undefined, list: Json | undefined): boolean {
  return value !== undefined && listOf(list).some((item) => equals(value, item));
}

function sizeOf(value: Json | undefined): number | undefined {
  if (Array.isArray(value) || typeof value === 'string') return value.length;
  return isPlainObject(value) ? Object.keys(value).length : undefined;
}

const COMPARISONS = {
  '==': equals,
  '!=': (left, right) => !equals(left, right),
  '<': ordered((difference) => difference < 0),
  '<=': ordered((difference) => difference <= 0),
  '>': ordered((difference) => difference > 0),
  '>=': ordered((difference) => difference >= 0),
  in: isIn,
  nin: (left, right) => !isIn(left, right),
  contains: (left, right) =>
    typeof left === 'string' ? typeof right === 'string' && left.includes(right) : isIn(right, left),
  size: (left, right) => sizeOf(left) !== undefined && sizeOf(left) === right,
  empty: (left, right) => sizeOf(left) !== undefined && (sizeOf(left) === 0) === right,
  subsetof: (left, right) => Array.isArray(left) && left.every((item: Json) => isIn(item, right)),
  anyof: (left, right) => listOf(left).some((item) => isIn(item, right)),
  noneof: (left, right) => Array.isArray(left) && !left.some((item: Json) => isIn(item, right)),
} as const satisfies Record<FilterOperator, Comparison>;
