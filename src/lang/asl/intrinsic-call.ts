/**
 * Parses and compiles calls of intrinsic functions: `States.Format('{} is {}', $.name, States.ArrayGetItem($.a, 0))`.
 * Which functions there are is the table in intrinsics/table.ts.
 */
import type { Json } from '../../base/json.ts';
import { JsonPathError } from '../jsonpath/errors.ts';
import { parseTokens } from '../jsonpath/parser.ts';
import { Scanner } from '../jsonpath/scanner.ts';
import { ErrorName, runtimeError, StatesError } from './errors.ts';
import { IntrinsicError } from './intrinsics/intrinsic.ts';
import { findIntrinsic } from './intrinsics/table.ts';
import type { Evaluate } from './path.ts';
import { compilePath, variableName } from './path.ts';

/** "You can nest up to 10 intrinsic functions within a field." */
const NESTING_MAX = 10;

/** Characters that a backslash may precede in a literal. */
const ESCAPABLE = "'{}\\";

/** Throws `JsonPathSyntaxError`; what it returns throws `StatesError`. */
export function compileIntrinsicCall(text: string): Evaluate {
  const scanner = new Scanner(text);
  const evaluate = parseCall(scanner, 1);
  scanner.skipBlanks();
  if (!scanner.isAtEnd) scanner.fail('unexpected text after the call');
  return evaluate;
}

function parseCall(scanner: Scanner, nesting: number): Evaluate {
  if (nesting > NESTING_MAX) scanner.fail('intrinsic functions are nested too deep');
  const start = scanner.position;
  const name = scanner.readUntil((character) => character === '(' || character === ' ');
  const intrinsic = findIntrinsic(name) ?? scanner.fail(`unknown intrinsic function '${name}'`);
  scanner.skipBlanks();
  scanner.expect('(');
  const operands: Evaluate[] = [];
  scanner.skipBlanks();
  while (!scanner.accept(')')) {
    // A brace that is escaped in the template of Format must stay different from a place holder.
    const keepBraces = name === 'States.Format' && operands.length === 0;
    operands.push(parseOperand(scanner, nesting, keepBraces));
    scanner.skipBlanks();
    if (!scanner.accept(',') && scanner.peek() !== ')') scanner.fail("expected ',' or ')'");
    scanner.skipBlanks();
  }
  if (operands.length < intrinsic.argumentCountMin || operands.length > intrinsic.argumentCountMax) {
    scanner.fail(`wrong number of arguments for '${name}'`);
  }
  const call = scanner.text.slice(start, scanner.position);
  return (root, scope) => {
    const values = operands.map((operand) => evaluateOperand(call, () => operand(root, scope)));
    try {
      return intrinsic.apply(values, scope.random);
    } catch (error) {
      if (!(error instanceof IntrinsicError)) throw error;
      throw new StatesError(
        ErrorName.intrinsicFailure,
        `The function '${call}' had the following error: ${error.message}`,
      );
    }
  };
}

function evaluateOperand(call: string, evaluate: () => Json): Json {
  try {
    return evaluate();
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    throw runtimeError(`The function '${call}' had the following error: ${error.message}`);
  }
}

function parseOperand(scanner: Scanner, nesting: number, keepBraces: boolean): Evaluate {
  const character = scanner.peek();
  if (character === "'") return constant(readLiteral(scanner, keepBraces));
  if (character === '$') return parsePathOperand(scanner);
  if (scanner.text.startsWith('States.', scanner.position)) return parseCall(scanner, nesting + 1);
  const word = scanner.readUntil(isOperandEnd);
  if (word === 'true' || word === 'false') return constant(word === 'true');
  if (word === 'null') return constant(null);
  if (!/^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(word)) scanner.fail('expected an argument');
  return constant(Number(word));
}

function constant(value: Json): Evaluate {
  return () => value;
}

function isOperandEnd(character: string): boolean {
  return character === ',' || character === ')' || character === ' ';
}

function parsePathOperand(scanner: Scanner): Evaluate {
  const start = scanner.position;
  scanner.position += scanner.text.startsWith('$$', start) ? 2 : 1;
  const isContext = scanner.position === start + 2;
  if (!isContext) scanner.position += variableName(scanner.text.slice(start)).length;
  parseTokens(scanner, isOperandEnd, 0);
  return compilePath(scanner.text.slice(start, scanner.position));
}

/** A text in single quotes. Only quotes, braces and backslashes may be escaped. */
function readLiteral(scanner: Scanner, keepBraces: boolean): string {
  scanner.expect("'");
  let value = '';
  while (!scanner.accept("'")) {
    if (scanner.isAtEnd) scanner.fail('unclosed string');
    const isEscaped = scanner.accept('\\');
    const character = scanner.peek();
    if (isEscaped && (character === '' || !ESCAPABLE.includes(character))) scanner.fail('illegal escape');
    if (isEscaped && keepBraces && (character === '{' || character === '}')) value += '\\';
    value += character;
    scanner.position += 1;
  }
  return value;
}
